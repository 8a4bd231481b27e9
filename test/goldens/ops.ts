// The group `ops`: calls of operations and modules with recorded results, gradients and errors (format: test/data/goldens/README.md).

import { join } from "node:path";
import { type Case, type Group, jsonFiles, type Options, readJson } from "./cases";
import { agrees, compareContents, compareJson, type Tolerance } from "./compare";
import {
  call,
  callMethod,
  camel,
  construct,
  isBag,
  isTensor,
  lookup,
  Mismatch,
  MissingFunction,
  member,
} from "./library";
import { isObject, type Json, type JsonObject, Operands } from "./operands";
import { describe, dtypeName, readSafetensors, readShape, readTensor } from "./tensors";

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

function performStep(step: Step, operands: Operands, prefix = ""): unknown {
  const { kind, name } = step.call;
  if (kind === "module" || kind === "program") throw new Error(`a step cannot be a ${kind}`);
  return perform[kind](name, operands.arguments(step, prefix));
}

function entriesOf(dict: unknown): Map<string, unknown> {
  return new Map(dict instanceof Map ? dict : Object.entries(isBag(dict) ? dict : {}));
}

/** Constructs the module of a case, loads its state and sets its mode. */
function prepareModule(test: OpCase, operands: Operands): unknown {
  const init = operands.arguments({ args: test.init_args ?? [], kwargs: test.init_kwargs ?? {} }, "init.");
  const module = construct(test.call.name, ...init);
  const state = Object.entries(test.state ?? {}).map(([name, value]) => [
    name,
    operands.decode(value, `state.${name}`),
  ]);
  if (state.length > 0) callMethod(module, "load_state_dict", Object.fromEntries(state));
  if (operands.device !== "cpu") callMethod(module, "to", operands.device);
  callMethod(module, test.mode ?? "train");
  for (const [name, parameter] of asList(callMethod(module, "named_parameters")).map(asList)) {
    operands.leaves.set(`params.${String(name)}`, parameter);
  }
  return module;
}

function runProgram(test: OpCase, operands: Operands): unknown[] {
  for (const [name, value] of Object.entries(test.inputs ?? {})) {
    operands.variables.set(name, operands.decode(value, `inputs.${name}`));
  }
  for (const [i, step] of (test.steps ?? []).entries()) {
    const result = performStep(step, operands, `steps.${i}.`);
    if (step.let !== undefined) operands.variables.set(step.let, result);
  }
  return (test.returns ?? []).map((name) => operands.variables.get(name));
}

function compareValue(what: string, got: unknown, expected: Json, operands: Operands, tolerance: Tolerance): void {
  if (Array.isArray(expected)) {
    const items = asList(got);
    if (items.length !== expected.length) {
      throw new Mismatch(`${what}: ${items.length} items, expected ${expected.length}`);
    }
    expected.forEach((item, i) => {
      compareValue(`${what}[${i}]`, items[i], item, operands, tolerance);
    });
  } else if (isObject(expected)) compareEncoded(what, got, expected, operands, tolerance);
  else compareScalar(what, got, expected, tolerance);
}

function compareEncoded(
  what: string,
  got: unknown,
  expected: JsonObject,
  operands: Operands,
  tolerance: Tolerance,
): void {
  if ("any" in expected) return;
  if ("tensor" in expected) {
    if (!isTensor(got)) throw new Mismatch(`${what}: expected a tensor, got ${describe(got)}`);
    compareContents(what, readTensor(got), operands.stored(String(expected.tensor)), tolerance);
  } else if (isObject(expected.meta)) {
    const { dtype, shape } = expected.meta;
    const found = { dtype: dtypeName(member(got, "dtype")), shape: readShape(member(got, "shape")) };
    compareJson(what, found, { dtype, shape });
  } else if ("dtype" in expected) compareJson(what, dtypeName(got), expected.dtype);
  else {
    const plain = operands.decode(expected, what);
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

function checkGradients(test: OpCase, outputs: unknown[], operands: Operands, tolerance: Tolerance): void {
  if (!test.grads) return;
  const flat = flatten(outputs);
  const terms = (test.cotangents ?? []).flatMap((cotangent, i) =>
    cotangent === null
      ? []
      : [callMethod(callMethod(flat[i], "mul", operands.decode(cotangent, `cotangent.${i}`)), "sum")],
  );
  callMethod(
    terms.reduce((sum, term) => callMethod(sum, "add", term)),
    "backward",
  );
  for (const [path, expected] of Object.entries(test.grads)) {
    if (!operands.leaves.has(path)) throw new MissingFunction(path);
    const grad = member(operands.leaves.get(path), "grad") ?? null;
    if (expected !== null) compareValue(`grad of ${path}`, grad, expected, operands, tolerance);
    else if (grad !== null && readTensor(grad).values.some((value) => Number(value) !== 0)) {
      throw new Mismatch(`grad of ${path}: ${describe(grad)}, expected none`);
    }
  }
}

/** Runs the call of a case and checks what it returned and changed. */
function runCase(test: OpCase, operands: Operands): void {
  const tolerance = { rtol: test.rtol ?? 0, atol: test.atol ?? 0 };
  const { kind } = test.call;
  const module = kind === "module" ? prepareModule(test, operands) : undefined;
  let result: unknown;
  if (kind === "program") result = runProgram(test, operands);
  else if (kind !== "module") result = performStep(test, operands);
  else if (typeof module === "function") result = module(...operands.arguments(test));
  else throw new Mismatch("the module is not callable");

  const listed = kind === "program" || test.returns_list === true;
  const outputs = listed ? asList(result) : [result];
  compareValue("output", outputs, test.outputs ?? [], operands, tolerance);
  for (const [path, expected] of Object.entries(test.mutated ?? {})) {
    compareValue(path, operands.values.get(path), expected, operands, tolerance);
  }
  if (test.state_after) {
    const state = entriesOf(callMethod(module, "state_dict"));
    for (const [name, expected] of Object.entries(test.state_after)) {
      compareValue(`state ${name}`, state.get(name), expected, operands, tolerance);
    }
  }
  checkGradients(test, outputs, operands, tolerance);
}

const words = (text: string) => text.replace(/\s+/g, " ").trim();

function runRejected(test: OpCase, match: string, operands: Operands): void {
  const { kind, name } = test.call;
  if (kind === "function" || kind === "module") lookup(name);
  try {
    if (kind === "program") runProgram(test, operands);
    else if (kind === "module") {
      const module = prepareModule(test, operands);
      if (typeof module === "function") module(...operands.arguments(test));
    } else performStep(test, operands);
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
      const operands = new Operands(stored, options.device);
      const run = () => (test.error ? runRejected(test, test.error.match, operands) : runCase(test, operands));
      yield { id: test.id, file, tier: test.tier ?? tier, run };
    }
  }
}

/** Operations, modules, programs and errors with their gradients. */
export const ops: Group = { name: "ops", cases };
