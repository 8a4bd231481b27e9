// The group `ops`: calls of operations and modules with recorded results, gradients and errors (format: test/data/goldens/README.md).

import { join } from "node:path";
import { type Case, type Group, jsonFiles, type Options, readJson } from "./cases";
import { agrees, compareContents, compareJson, type Tolerance } from "./compare";
import {
  call,
  callMethod,
  camel,
  camelKeys,
  construct,
  isBag,
  isTensor,
  lookup,
  Mismatch,
  MissingFunction,
  member,
} from "./library";
import {
  type Contents,
  describe,
  dtypeName,
  dtypeObject,
  makeTensor,
  readSafetensors,
  readShape,
  readTensor,
  spelledNumber,
} from "./tensors";

type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json };
type Calls = "function" | "method" | "property" | "getitem" | "setitem" | "item" | "assign";

interface Step {
  readonly let?: string;
  readonly call: { kind: Calls | "module" | "program"; name: string };
  readonly args: Json[];
  readonly kwargs: { [name: string]: Json };
}

interface OpCase extends Step, Partial<Tolerance> {
  readonly id: string;
  readonly tier?: number;
  readonly outputs?: Json[];
  readonly returns_list?: boolean;
  readonly cotangents?: Json[];
  readonly grads?: { [path: string]: Json };
  readonly mutated?: { [path: string]: Json };
  readonly error?: { message: string; match: string };
  readonly init_args?: Json[];
  readonly init_kwargs?: { [name: string]: Json };
  readonly state?: { [name: string]: Json };
  readonly state_after?: { [name: string]: Json };
  readonly mode?: "train" | "eval";
  readonly inputs?: { [name: string]: Json };
  readonly steps?: Step[];
  readonly returns?: string[];
}

type JsonObject = { readonly [key: string]: Json };
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values that one case makes: decoded arguments by path, leaves by path, variables by name. */
class Bench {
  readonly values = new Map<string, unknown>();
  readonly leaves = new Map<string, unknown>();
  readonly variables = new Map<string, unknown>();

  constructor(
    readonly stored: (name: string) => Contents,
    readonly device: string,
  ) {}

  decode(value: Json, path: string): unknown {
    const decoded = this.plain(value, path);
    this.values.set(path, decoded);
    return decoded;
  }

  private plain(value: Json, path: string): unknown {
    if (Array.isArray(value)) return value.map((item, i) => this.decode(item, `${path}.${i}`));
    if (!isObject(value)) return value;
    if ("tensor" in value) return this.tensor(value, path);
    if ("var" in value) return this.variables.get(String(value.var));
    if ("float" in value) return spelledNumber(String(value.float));
    if ("int" in value) return BigInt(String(value.int));
    if ("dtype" in value) return dtypeObject(String(value.dtype));
    if (Array.isArray(value.slice)) return sliceText(value.slice);
    if ("ellipsis" in value) return "...";
    if ("newaxis" in value) return null;
    if (isObject(value.dict)) {
      return Object.fromEntries(Object.entries(value.dict).map(([k, v]) => [k, this.decode(v, `${path}.${k}`)]));
    }
    throw new Error(`unknown encoding ${JSON.stringify(value)}`);
  }

  private tensor(value: JsonObject, path: string): unknown {
    let tensor = makeTensor(this.stored(String(value.tensor)), this.device);
    if (isObject(value.strided)) {
      const { shape, stride, offset } = value.strided;
      tensor = callMethod(tensor, "as_strided", shape, stride, offset);
    }
    if (value.requires_grad === true) {
      tensor = callMethod(tensor, "requires_grad_");
      this.leaves.set(path, tensor);
    }
    return value.clone === true ? callMethod(tensor, "clone") : tensor;
  }

  /** Positional arguments, and the keyword ones as one trailing object. */
  arguments(step: { args: Json[]; kwargs: { [name: string]: Json } }, prefix = ""): unknown[] {
    const args = step.args.map((arg, i) => this.decode(arg, `${prefix}args.${i}`));
    const names = Object.keys(step.kwargs);
    if (names.length === 0) return args;
    const kwargs = Object.fromEntries(names.map((k) => [k, this.decode(step.kwargs[k], `${prefix}kwargs.${k}`)]));
    return [...args, camelKeys(kwargs)];
  }
}

function sliceText(parts: readonly Json[]): string {
  const [start, stop, step] = parts.map((part) => (part === null || part === undefined ? "" : String(part)));
  return step === "" ? `${start}:${stop}` : `${start}:${stop}:${step}`;
}

/** How each kind of call is written in the library. */
const perform: { readonly [kind in Calls]: (name: string, args: unknown[]) => unknown } = {
  function: (name, args) => call(name, ...args),
  method: (name, [receiver, ...args]) => callMethod(receiver, name, ...args),
  property: (name, [receiver]) => member(receiver, name),
  getitem: (_, [receiver, ...indices]) => callMethod(receiver, "at", ...indices),
  setitem: (_, [receiver, indices, value]) => {
    callMethod(receiver, "set_at", indices, value);
    return receiver;
  },
  item: (_, [list, index]) => asList(list)[Number(index)],
  assign: (name, [receiver, value]) => {
    if (!isBag(receiver) || !Reflect.set(receiver, camel(name), value)) {
      throw new Mismatch(`cannot assign ${camel(name)}`);
    }
    return undefined;
  },
};

function asList(value: unknown): unknown[] {
  if (isTensor(value) || !isBag(value) || !(Symbol.iterator in value)) {
    throw new Mismatch(`expected a list, got ${describe(value)}`);
  }
  return Array.from(value as Iterable<unknown>);
}

function performStep(step: Step, bench: Bench, prefix = ""): unknown {
  const { kind, name } = step.call;
  if (kind === "module" || kind === "program") throw new Error(`a step cannot be a ${kind}`);
  return perform[kind](name, bench.arguments(step, prefix));
}

function entriesOf(dict: unknown): Map<string, unknown> {
  return new Map(dict instanceof Map ? dict : Object.entries(isBag(dict) ? dict : {}));
}

/** Constructs the module of a case, loads its state and sets its mode. */
function prepareModule(test: OpCase, bench: Bench): unknown {
  const init = bench.arguments({ args: test.init_args ?? [], kwargs: test.init_kwargs ?? {} }, "init.");
  const module = construct(test.call.name, ...init);
  const state = Object.entries(test.state ?? {}).map(([name, value]) => [name, bench.decode(value, `state.${name}`)]);
  if (state.length > 0) callMethod(module, "load_state_dict", Object.fromEntries(state));
  if (bench.device !== "cpu") callMethod(module, "to", bench.device);
  callMethod(module, test.mode ?? "train");
  for (const [name, parameter] of asList(callMethod(module, "named_parameters")).map(asList)) {
    bench.leaves.set(`params.${String(name)}`, parameter);
  }
  return module;
}

function runProgram(test: OpCase, bench: Bench): unknown[] {
  for (const [name, value] of Object.entries(test.inputs ?? {})) {
    bench.variables.set(name, bench.decode(value, `inputs.${name}`));
  }
  for (const [i, step] of (test.steps ?? []).entries()) {
    const result = performStep(step, bench, `steps.${i}.`);
    if (step.let !== undefined) bench.variables.set(step.let, result);
  }
  return (test.returns ?? []).map((name) => bench.variables.get(name));
}

function compareValue(what: string, got: unknown, expected: Json, bench: Bench, tolerance: Tolerance): void {
  if (Array.isArray(expected)) {
    const items = asList(got);
    if (items.length !== expected.length) {
      throw new Mismatch(`${what}: ${items.length} items, expected ${expected.length}`);
    }
    expected.forEach((item, i) => {
      compareValue(`${what}[${i}]`, items[i], item, bench, tolerance);
    });
  } else if (isObject(expected)) compareEncoded(what, got, expected, bench, tolerance);
  else compareScalar(what, got, expected, tolerance);
}

function compareEncoded(what: string, got: unknown, expected: JsonObject, bench: Bench, tolerance: Tolerance): void {
  if ("any" in expected) return;
  if ("tensor" in expected) {
    if (!isTensor(got)) throw new Mismatch(`${what}: expected a tensor, got ${describe(got)}`);
    compareContents(what, readTensor(got), bench.stored(String(expected.tensor)), tolerance);
  } else if (isObject(expected.meta)) {
    const { dtype, shape } = expected.meta;
    const found = { dtype: dtypeName(member(got, "dtype")), shape: readShape(member(got, "shape")) };
    compareJson(what, found, { dtype, shape });
  } else if ("dtype" in expected) compareJson(what, dtypeName(got), expected.dtype);
  else {
    const plain = bench.decode(expected, what);
    compareScalar(what, got, typeof plain === "bigint" || typeof plain === "number" ? plain : null, tolerance);
  }
}

function compareScalar(
  what: string,
  got: unknown,
  expected: null | boolean | number | bigint | string,
  tolerance: Tolerance,
): void {
  const numeric = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";
  const equal =
    numeric(expected) && numeric(got)
      ? agrees(got, expected, tolerance)
      : got === expected || (got ?? null) === expected;
  if (!equal) throw new Mismatch(`${what}: ${describe(got)}, expected ${describe(expected)}`);
}

function flatten(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flatMap(flatten) : [value];
}

function checkGradients(test: OpCase, outputs: unknown[], bench: Bench, tolerance: Tolerance): void {
  if (!test.grads) return;
  const flat = flatten(outputs);
  const terms = (test.cotangents ?? []).flatMap((cotangent, i) =>
    cotangent === null
      ? []
      : [callMethod(callMethod(flat[i], "mul", bench.decode(cotangent, `cotangent.${i}`)), "sum")],
  );
  callMethod(
    terms.reduce((sum, term) => callMethod(sum, "add", term)),
    "backward",
  );
  for (const [path, expected] of Object.entries(test.grads)) {
    if (!bench.leaves.has(path)) throw new MissingFunction(path);
    const grad = member(bench.leaves.get(path), "grad") ?? null;
    if (expected !== null) compareValue(`grad of ${path}`, grad, expected, bench, tolerance);
    else if (grad !== null && readTensor(grad).values.some((value) => Number(value) !== 0)) {
      throw new Mismatch(`grad of ${path}: ${describe(grad)}, expected none`);
    }
  }
}

/** Runs the call of a case and checks what it returned and changed. */
function runCase(test: OpCase, bench: Bench): void {
  const tolerance = { rtol: test.rtol ?? 0, atol: test.atol ?? 0 };
  const { kind } = test.call;
  const module = kind === "module" ? prepareModule(test, bench) : undefined;
  let result: unknown;
  if (kind === "program") result = runProgram(test, bench);
  else if (kind !== "module") result = performStep(test, bench);
  else if (typeof module === "function") result = module(...bench.arguments(test));
  else throw new Mismatch("the module is not callable");

  const listed = kind === "program" || test.returns_list === true;
  const outputs = listed ? asList(result) : [result];
  compareValue("output", outputs, test.outputs ?? [], bench, tolerance);
  for (const [path, expected] of Object.entries(test.mutated ?? {})) {
    compareValue(path, bench.values.get(path), expected, bench, tolerance);
  }
  if (test.state_after) {
    const state = entriesOf(callMethod(module, "state_dict"));
    for (const [name, expected] of Object.entries(test.state_after)) {
      compareValue(`state ${name}`, state.get(name), expected, bench, tolerance);
    }
  }
  checkGradients(test, outputs, bench, tolerance);
}

const words = (text: string) => text.replace(/\s+/g, " ").trim();

function runRejected(test: OpCase, match: string, bench: Bench): void {
  const { kind, name } = test.call;
  if (kind === "function" || kind === "module") lookup(name);
  try {
    if (kind === "program") runProgram(test, bench);
    else if (kind === "module") {
      const module = prepareModule(test, bench);
      if (typeof module === "function") module(...bench.arguments(test));
    } else performStep(test, bench);
  } catch (error) {
    if (error instanceof MissingFunction) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (!words(message).includes(words(match))) {
      throw new Mismatch(`error "${words(message)}", expected one that contains "${words(match)}"`);
    }
    return;
  }
  throw new Mismatch(`no error, expected "${words(match)}"`);
}

function* cases(options: Options): Iterable<Case> {
  for (const file of jsonFiles(options, "ops")) {
    const { tier, cases: tests } = readJson<{ tier: number; cases: OpCase[] }>(options, "ops", `${file}.json`);
    const stored = readSafetensors(join(options.dir, "ops", `${file}.safetensors`));
    for (const test of tests) {
      const bench = new Bench(stored, options.device);
      const run = () => (test.error ? runRejected(test, test.error.match, bench) : runCase(test, bench));
      yield { id: test.id, file, tier: test.tier ?? tier, run };
    }
  }
}

/** Operations, modules, programs and errors with their gradients. */
export const ops: Group = { name: "ops", cases };
