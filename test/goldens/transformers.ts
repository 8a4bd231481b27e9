// The group `fast_transformers`: masks, attentions, layers, whole models and builders of linear-attention transformers
// (format: test/data/goldens/fast_transformers/README.md).

import { inspect } from "node:util";
import { type Case, type Group, jsonFiles, type Options, readJson, Uncovered } from "./cases";
import { compareJson, compareText } from "./compare";
import { type Bag, call, callMethod, construct, isBag, lookup, Mismatch, MissingFunction, member } from "./library";
import { compareWithin, type WholeTensor } from "./recorded";
import { baseScope, evaluateOne, withNamespace } from "./snippet";
import { fromBase64, makeTensor, readTensor, spelledNumber } from "./tensors";

type Named = WholeTensor & { readonly name: string };

interface TransformerCase {
  readonly id: string;
  readonly kind: string;
  readonly js?: string | null;
  readonly seed?: number;
  readonly text?: string;
  readonly error?: string;
  readonly manual_seed_before_construction?: number;
  readonly attn_mask?: string | { readonly js: string } | null;
  readonly x_mask?: string | null;
  readonly lengths?: number[] | null;
  readonly x_lengths?: number[] | null;
  readonly query_lengths?: number[];
  readonly key_lengths?: number[];
  readonly memory_lengths?: number[] | null;
  readonly state_dict?: Named[];
  readonly parameter_grads?: Named[];
  readonly grad_output?: string | WholeTensor;
  readonly outputs?: WholeTensor[];
  readonly output?: WholeTensor;
  readonly bool_matrix?: unknown;
  readonly float_matrix?: unknown;
  readonly additive_matrix?: unknown;
  readonly additive_matrix_finite?: unknown;
  readonly all_ones?: boolean;
  readonly lower_triangular?: boolean;
  readonly lengths_error?: string;
  readonly options?: Bag;
  readonly builder?: string;
  readonly errors?: { readonly js: string; readonly message: string }[];
  readonly [tensor: string]: unknown;
}

const outputs = { rtol: 1e-5, atol: 1e-5 };
const gradients = { rtol: 1e-4, atol: 1e-4 };

const scope = () => withNamespace("torch.transformers", baseScope());
const evaluated = (js: unknown) => evaluateOne(String(js), scope());

function isWhole(value: unknown): value is WholeTensor {
  return isBag(value) && "b64" in value && "shape" in value;
}

/** A recorded tensor as a leaf that requires grad. */
function leaf(value: unknown): unknown {
  if (!isWhole(value)) throw new Error("the case lacks an input");
  return callMethod(makeTensor(fromBase64(value), "cpu"), "requires_grad_");
}

const lengthMask = (lengths: unknown) =>
  Array.isArray(lengths) ? construct("torch.transformers.LengthMask", call("torch.tensor", lengths)) : undefined;

/** Numbers of nested lists, in which texts stand for what JSON cannot write. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "string") return String(Number(spelledNumber(value)) + 0);
  return typeof value === "number" ? String(value + 0) : value;
}

function runMask(test: TransformerCase): void {
  const mask = evaluated(test.js);
  for (const name of ["bool_matrix", "float_matrix", "additive_matrix", "additive_matrix_finite"] as const) {
    const got = callMethod(member(mask, name), "tolist");
    compareJson(name, plain(got), plain(test[name]));
  }
  compareJson("allOnes", member(mask, "all_ones"), test.all_ones);
  compareJson("lowerTriangular", member(mask, "lower_triangular"), test.lower_triangular);
  if (test.lengths_error !== undefined) expectError(() => member(mask, "lengths"), test.lengths_error);
  else if (test.lengths) compareJson("lengths", readTensor(member(mask, "lengths")).values.map(Number), test.lengths);
}

function expectError(work: () => unknown, message: string): void {
  try {
    work();
  } catch (error) {
    if (error instanceof MissingFunction) throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (!text.includes(message)) throw new Mismatch(`error "${text}", expected "${message}"`);
    return;
  }
  throw new Mismatch(`no error, expected "${message}"`);
}

function checkState(model: unknown, expected: readonly Named[] | undefined): void {
  if (!expected) return;
  const state = callMethod(model, "state_dict");
  const entries: [string, unknown][] = state instanceof Map ? [...state] : Object.entries(Object(state));
  compareJson(
    "state_dict",
    entries.map(([name]) => name),
    expected.map(({ name }) => name),
  );
  expected.forEach((tensor, i) => {
    compareWithin(tensor.name, entries[i][1], tensor, outputs);
  });
}

function checkParameterGrads(model: unknown, expected: readonly Named[] | undefined): void {
  const parameters = new Map(Array.from(callMethod(model, "named_parameters") as Iterable<[string, unknown]>));
  for (const tensor of expected ?? []) {
    compareWithin(`grad of ${tensor.name}`, member(parameters.get(tensor.name), "grad"), tensor, gradients);
  }
}

/** The recorded cotangent, or the one that a text describes. */
function cotangent(output: unknown, described: TransformerCase["grad_output"]): unknown {
  if (isWhole(described)) return makeTensor(fromBase64(described), "cpu");
  if (described === "ones") return call("torch.ones_like", output);
  return callMethod(call("torch.linspace", -1, 1, callMethod(output, "numel")), "view_as", output);
}

function maskOf(mask: TransformerCase["attn_mask"]): unknown {
  const text = isBag(mask) ? mask.js : mask;
  return typeof text === "string" ? evaluated(`new ${text.replace(/^new /, "")}`) : undefined;
}

/** Output and gradients of anything called on recorded inputs with masks. */
function runDifferentiable(test: TransformerCase, inputs: readonly string[], masks: readonly unknown[]): void {
  const seed = test.seed ?? test.manual_seed_before_construction;
  if (seed !== undefined) call("torch.manual_seed", seed);
  const model = evaluated(test.js);
  if (test.text !== undefined) compareText("text", inspect(model), test.text);
  checkState(model, test.state_dict);
  callMethod(model, "eval");
  const leaves = inputs.map((name) => leaf(test[name]));
  if (typeof model !== "function" || !test.output) throw new Mismatch("the model is not callable");
  const output: unknown = model(...leaves, ...masks);
  compareWithin("output", output, test.output, outputs);
  callMethod(callMethod(callMethod(output, "mul", cotangent(output, test.grad_output)), "sum"), "backward");
  inputs.forEach((name, i) => {
    const expected = test[`grad_${name}`] ?? test[`grad_${name.split("_")[0]}`];
    if (isWhole(expected)) compareWithin(`grad of ${name}`, member(leaves[i], "grad"), expected, gradients);
  });
  checkParameterGrads(model, test.parameter_grads);
}

/** A recurrent model, step by step over the second dimension of its input. */
function runRecurrent(test: TransformerCase): void {
  if (typeof test.js !== "string") throw new Uncovered("recorded without a spelling");
  call("torch.manual_seed", test.seed);
  const model = evaluated(test.js);
  checkState(model, test.state_dict);
  callMethod(model, "eval");
  if (typeof model !== "function" || !isWhole(test.input)) throw new Mismatch("the model is not callable");
  const input = makeTensor(fromBase64(test.input), "cpu");
  const memory = isWhole(test.memory)
    ? [makeTensor(fromBase64(test.memory), "cpu"), lengthMask(test.memory_lengths)]
    : [];
  let state: unknown;
  test.outputs?.forEach((expected, step) => {
    const result: unknown = model(callMethod(input, "select", 1, step), ...memory, { state });
    const [output, next] = Array.isArray(result) ? result : [];
    compareWithin(`output of step ${step}`, output, expected, outputs);
    state = next;
  });
}

function runBuilderErrors(test: TransformerCase): void {
  for (const { js, message } of test.errors ?? []) expectError(() => evaluated(js), message);
}

const kinds: { readonly [kind: string]: (test: TransformerCase) => void } = {
  mask: runMask,
  mask_error: (test) => expectError(() => evaluated(test.js), test.error ?? ""),
  attention: (test) => {
    const masks = [maskOf(test.attn_mask), lengthMask(test.query_lengths), lengthMask(test.key_lengths)];
    runDifferentiable(test, ["q", "k", "v"], masks);
  },
  attention_layer: (test) => {
    const masks = [maskOf(test.attn_mask), lengthMask(test.query_lengths), lengthMask(test.key_lengths)];
    runDifferentiable(
      { ...test, keys: test.keys_and_values, values: test.keys_and_values },
      ["queries", "keys", "values"],
      masks,
    );
  },
  encoder_layer: (test) => runDifferentiable(test, ["input"], []),
  encoder: (test) => runDifferentiable(test, ["input"], [maskOf(test.attn_mask), lengthMask(test.lengths)]),
  decoder_layer: (test) => runDifferentiable(test, ["input", "memory"], []),
  decoder: (test) => {
    const masks = [maskOf(test.x_mask), lengthMask(test.x_lengths), undefined, lengthMask(test.memory_lengths)];
    runDifferentiable(test, ["input", "memory"], masks);
  },
  recurrent_layers: runRecurrent,
  recurrent_encoder: runRecurrent,
  recurrent_decoder: runRecurrent,
  builder_errors: runBuilderErrors,
  builder_options: (test) => {
    const builder = construct(`torch.transformers.${test.builder}`);
    for (const [name, value] of Object.entries(test.options ?? {})) compareJson(name, member(builder, name), value);
  },
};

function* cases(options: Options): Iterable<Case> {
  for (const file of jsonFiles(options, "fast_transformers")) {
    for (const test of readJson<{ cases: TransformerCase[] }>(options, "fast_transformers", `${file}.json`).cases) {
      const run = () => {
        lookup("torch.transformers");
        const kind = kinds[test.kind];
        if (kind === undefined) throw new Uncovered(`recorded for information: ${test.kind}`);
        kind(test);
      };
      yield { id: test.id, file, run };
    }
  }
}

/** Linear-attention transformers. */
export const fastTransformers: Group = { name: "fast_transformers", cases };
