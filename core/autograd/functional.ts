// torch.autograd.functional: Jacobians, Hessians and their products with vectors, of functions of tensors.

import { pythonType } from "../arguments/signature";
import { overloaded } from "../arguments/signed";
import { copyInto } from "../dispatch";
import { ArgumentError, AutogradError, CressetError, ShapeError } from "../errors";
import { sameShape, text } from "../tensor/shape";
import { empty, Tensor } from "../tensor/tensor";
import { grad } from "./backward";
import { isGradEnabled, withGradMode } from "./modes";
import { record } from "./record";
import { zerosAs } from "./zeros";

/** One tensor or several. */
type Tensors = Tensor | readonly Tensor[];

/** A function of tensors, given one by one. */
type Func = (...inputs: Tensor[]) => Tensors;

/** `T` for one tensor, a list of `T` for several. */
type Like<I, T> = I extends Tensor ? T : T[];

/** Throws ArgumentError for what is no tensor. */
function listOf(given: unknown, argument: string, call: string): Tensor[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.map((value, k) => {
    if (value instanceof Tensor) return value;
    const what = Array.isArray(given) ? `value at index ${k}` : `given ${argument}`;
    throw new ArgumentError(
      `The ${argument} given to ${call} must be either a Tensor or a tuple of Tensors but the ${what} has type <class '${pythonType(value)}'>.`,
    );
  });
}

const OUTPUTS = "outputs of the user-provided function";

/** New tensors in the place of the user's: an input is told from the same tensor that the function holds besides. */
function prepared(inputs: readonly Tensor[], createGraph: boolean, needGraph: boolean): Tensor[] {
  return inputs.map((x) =>
    createGraph && x.requiresGrad ? x.reshape([...x.sizes]) : x.detach().requiresGrad_(needGraph),
  );
}

function finished<T extends Tensor>(results: readonly T[], createGraph: boolean): Tensor[] {
  return createGraph ? [...results] : results.map((x) => x.detach());
}

/** One tensor where the user gave one, otherwise all. */
function unpacked(results: readonly Tensor[], given: unknown): Tensor & Tensor[] {
  return (Array.isArray(given) ? results : results[0]) as Tensor & Tensor[];
}

function checkVector(v: readonly Tensor[], others: readonly Tensor[], several: boolean): void {
  if (v.length !== others.length) {
    throw new CressetError(
      several
        ? `v is a tuple of invalid length: should be ${others.length} but got ${v.length}.`
        : "The given v should contain a single Tensor.",
    );
  }
  v.forEach((x, k) => {
    if (sameShape(x.sizes, others[k].sizes)) return;
    const entry = several ? `Entry ${k} in ` : "";
    throw new ShapeError(
      `${entry}v has invalid size: should be torch.Size(${text(others[k].sizes)}) but got torch.Size(${text(x.sizes)}).`,
    );
  });
}

/** Gradients of those outputs that have a graph; null for inputs that none of them depends on. */
function gradients(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  vectors: readonly (Tensor | null)[] | null,
  createGraph: boolean,
  retainGraph: boolean | null = null,
): (Tensor | null)[] {
  const kept = outputs.map((_, k) => k).filter((k) => outputs[k]?.requiresGrad === true);
  if (kept.length === 0) return inputs.map(() => null);
  return grad(
    kept.map((k) => outputs[k] as Tensor),
    inputs,
    { gradOutputs: kept.map((k) => vectors?.[k] ?? null), createGraph, retainGraph, allowUnused: true },
  );
}

const independent = (what: string, k: number): string =>
  `The ${what} of the user-provided function is independent of input ${k}. This is not allowed in strict mode`;

/** Throws AutogradError, where `strict`, for outputs without a graph. */
function requireGraph(list: readonly (Tensor | null)[], words: (k: number) => string, strict: boolean): void {
  if (!strict) return;
  list.forEach((x, k) => {
    if (x === null) throw new AutogradError(`${independent("output", k)}.`);
    if (!x.requiresGrad) throw new AutogradError(words(k));
  });
}

const noGraph = (k: number): string =>
  `Output ${k} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`;
const linearGradient = (k: number): string =>
  `The gradient with respect to input ${k} is independent of the inputs of the user-provided function. This is not allowed in strict mode.`;
const linearJacobian = (k: number): string =>
  `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${k} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`;

/** Zeros in the place of missing gradients; throws AutogradError for them where `strict`. */
function filled(
  grads: readonly (Tensor | null)[],
  like: readonly Tensor[],
  strict: boolean,
  createGraph: boolean,
  words: { missing(k: number): string; what: string },
): Tensor[] {
  return grads.map((g, k) => {
    if (g === null && strict) throw new AutogradError(words.missing(k));
    if (g !== null && strict && createGraph && !g.requiresGrad) {
      throw new AutogradError(`${independent(words.what, k)} when create_graph=True.`);
    }
    return g ?? zerosAs(like[k]);
  });
}

const BACK = { missing: (k: number) => `${independent("output", k)}.`, what: "jacobian" };
const BACK_TRICK = {
  missing: (k: number) =>
    `The gradient with respect to the input is independent of entry ${k} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`,
  what: "jacobian",
};
const DOUBLE_BACK = { missing: (k: number) => `${independent("jacobian", k)}.`, what: "hessian" };
const DOUBLE_BACK_TRICK = {
  missing: (k: number) =>
    `The hessian of the user-provided function is independent of entry ${k} in the grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.`,
  what: "hessian",
};

/** The vector of a call, or null where it may be left out. */
function vectorOf(v: Tensors | null, call: string, others: readonly Tensor[], several: boolean, createGraph: boolean) {
  if (v !== null) {
    const list = prepared(listOf(v, "v", call), createGraph, false);
    checkVector(list, others, several);
    return list;
  }
  if (others.length === 1 && others[0].numel() === 1) return null;
  throw new CressetError(
    call === "vjp"
      ? "The vector v can only be None if the user-provided function returns a single Tensor with a single element."
      : "The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.",
  );
}

/** Zeros with a graph: what backward is linear in. */
function probes(like: readonly Tensor[]): Tensor[] {
  return like.map((x) => empty(x.sizes, x.dtype).fill_(0).requiresGrad_());
}

/** What the functions of vectors take by name. */
export interface VectorOptions {
  /** The vector: one tensor or several. May be left out where there is one element. */
  v?: Tensors | null;
  /** Whether results keep their graph. Default false. */
  createGraph?: boolean;
  /** Whether to throw AutogradError where an output does not depend on an input. Default false: zeros. */
  strict?: boolean;
}

/** A function of vectors; by which of its inputs `I` and outputs `O` the results are shaped. */
type OfVector<By extends "inputs" | "outputs"> = <I extends Tensors, O extends Tensors>(
  func: (...inputs: Tensor[]) => O,
  inputs: I,
  v?: Tensors | null | VectorOptions,
  createGraph?: boolean | VectorOptions,
  strict?: boolean | VectorOptions,
) => [O, By extends "inputs" ? Like<I, Tensor> : O];

/** What the functions of vectors take: the function, its input or inputs, the vector, whether results keep a graph, and `strict`. */
const TAKES =
  "(function func, Tensor|Tensor[] inputs, Tensor|Tensor[]? v=None, bool createGraph=False, bool strict=False)";

/**
 * `[outputs, v · J]` with the Jacobian J of `func` at `inputs`. `v` has the sizes of the outputs and may be left out for one element.
 * `createGraph` (false) keeps the graph of both; `strict` (false) throws AutogradError where an output does not depend on an input,
 * which otherwise gives zeros. Source: torch.autograd.functional.vjp.
 */
export const vjp = overloaded<OfVector<"inputs">>([`def vjp${TAKES}`, vjpOf]);

function vjpOf<I extends Tensors, O extends Tensors>(
  func: (...inputs: Tensor[]) => O,
  inputs: I,
  v: Tensors | null = null,
  createGraph = false,
  strict = false,
): [O, Like<I, Tensor>] {
  const [list, given, outputs, vectors] = withGradMode(true, () => {
    const xs = prepared(listOf(inputs, "inputs", "vjp"), createGraph, true);
    const found = func(...xs);
    const ys = listOf(found, OUTPUTS, "vjp");
    requireGraph(ys, noGraph, strict);
    return [xs, found, ys, vectorOf(v, "vjp", ys, Array.isArray(found), createGraph)] as const;
  });
  const products = withGradMode(createGraph || isGradEnabled(), () =>
    filled(gradients(outputs, list, vectors, createGraph), list, strict, createGraph, BACK),
  );
  return [
    unpacked(finished(outputs, createGraph), given) as Tensors as O,
    unpacked(finished(products, createGraph), inputs) as Tensors as Like<I, Tensor>,
  ];
}

/**
 * `[outputs, J · v]` with the Jacobian J of `func` at `inputs`, by going back twice. `v` has the sizes of the inputs and may be left
 * out for one element. Options as `vjp`. Source: torch.autograd.functional.jvp.
 */
export const jvp = overloaded<OfVector<"outputs">>([`def jvp${TAKES}`, jvpOf]);

function jvpOf<I extends Tensors, O extends Tensors>(
  func: (...inputs: Tensor[]) => O,
  inputs: I,
  v: Tensors | null = null,
  createGraph = false,
  strict = false,
): [O, O] {
  const state = withGradMode(true, () => {
    const xs = prepared(listOf(inputs, "inputs", "jvp"), createGraph, true);
    const vectors = vectorOf(v, "jvp", xs, Array.isArray(inputs), createGraph);
    const given = func(...xs);
    const outputs = listOf(given, OUTPUTS, "jvp");
    requireGraph(outputs, noGraph, strict);
    const weights = probes(outputs);
    const first = gradients(outputs, xs, weights, true);
    requireGraph(first, linearGradient, strict);
    return { vectors, given, outputs, weights, first };
  });
  const { vectors, given, outputs, weights, first } = state;
  const products = withGradMode(createGraph || isGradEnabled(), () =>
    filled(gradients(first, weights, vectors, createGraph), outputs, strict, createGraph, BACK_TRICK),
  );
  return [
    unpacked(finished(outputs, createGraph), given) as Tensors as O,
    unpacked(finished(products, createGraph), given) as Tensors as O,
  ];
}

/** The one output, of one element, of a function that has a Hessian. */
function scalarOutput(given: Tensors, call: string, strict: boolean): Tensor {
  const outputs = listOf(given, OUTPUTS, call);
  requireGraph(outputs, noGraph, strict);
  if (Array.isArray(given)) throw new CressetError(`The function given to ${call} should return a single Tensor`);
  if (outputs[0].numel() !== 1) {
    throw new CressetError(`The Tensor returned by the function given to ${call} should contain a single element`);
  }
  return outputs[0];
}

/** The first derivative, with its graph, that products with a Hessian are computed from. */
function firstDerivative(call: string, func: Func, inputs: Tensors, v: Tensors | null, flags: [boolean, boolean]) {
  const [createGraph, strict] = flags;
  return withGradMode(true, () => {
    const xs = prepared(listOf(inputs, "inputs", call), createGraph, true);
    const vectors = vectorOf(v, call, xs, Array.isArray(inputs), createGraph);
    const output = scalarOutput(func(...xs), call, strict);
    const first = gradients([output], xs, null, true);
    requireGraph(first, linearJacobian, strict);
    return { xs, vectors, output, first };
  });
}

/**
 * `[output, v · H]` with the Hessian H of a function of one element. `v` has the sizes of the inputs. Options as `vjp`. Source:
 * torch.autograd.functional.vhp.
 */
export const vhp = overloaded<OfVector<"inputs">>([`def vhp${TAKES}`, vhpOf]);

function vhpOf<I extends Tensors>(
  func: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  v: Tensors | null = null,
  createGraph = false,
  strict = false,
): [Tensor, Like<I, Tensor>] {
  const { xs, vectors, output, first } = firstDerivative("vhp", func, inputs, v, [createGraph, strict]);
  const products = withGradMode(createGraph || isGradEnabled(), () =>
    filled(gradients(first, xs, vectors, createGraph), xs, strict, createGraph, DOUBLE_BACK),
  );
  return [
    finished([output], createGraph)[0],
    unpacked(finished(products, createGraph), inputs) as Tensors as Like<I, Tensor>,
  ];
}

/**
 * `[output, H · v]` with the Hessian H of a function of one element, by going back once more than `vhp`, which gives the same for a
 * function with continuous second derivatives and is faster. Options as `vjp`. Source: torch.autograd.functional.hvp.
 */
export const hvp = overloaded<OfVector<"inputs">>([`def hvp${TAKES}`, hvpOf]);

function hvpOf<I extends Tensors>(
  func: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  v: Tensors | null = null,
  createGraph = false,
  strict = false,
): [Tensor, Like<I, Tensor>] {
  const { xs, vectors, output, first } = firstDerivative("hvp", func, inputs, v, [createGraph, strict]);
  const [weights, second] = withGradMode(true, () => {
    const probe = probes(xs);
    const found = gradients(first, xs, probe, true);
    requireGraph(found, linearGradient, strict);
    return [probe, found] as const;
  });
  const products = withGradMode(createGraph || isGradEnabled(), () =>
    filled(gradients(second, weights, vectors, createGraph), xs, strict, createGraph, DOUBLE_BACK_TRICK),
  );
  return [
    finished([output], createGraph)[0],
    unpacked(finished(products, createGraph), inputs) as Tensors as Like<I, Tensor>,
  ];
}

/** The Jacobians of all outputs by all inputs, row by row. */
function jacobians(func: Func, inputs: Tensors, createGraph: boolean, strict: boolean): [Tensor[][], several: boolean] {
  return withGradMode(true, () => {
    const xs = prepared(listOf(inputs, "inputs", "jacobian"), createGraph, true);
    const given = func(...xs);
    const outputs = listOf(given, OUTPUTS, "jacobian");
    requireGraph(outputs, noGraph, strict);
    const found = outputs.map((out, i) => {
      const flat = out.reshape([-1]);
      const rows = Array.from({ length: out.numel() }, (_, j) => {
        const row = gradients([flat.select(0, j)], xs, null, createGraph, true);
        return row.map((g, k) => {
          if (g === null && strict) {
            throw new AutogradError(
              `Output ${i} of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
            );
          }
          if (g !== null && strict && createGraph && !g.requiresGrad) {
            throw new AutogradError(`${independent("jacobian", i)} when create_graph=True.`);
          }
          return g ?? zerosAs(xs[k]);
        });
      });
      const whole = xs.map((x, k) =>
        stacked(
          rows.map((row) => row[k]),
          [...out.sizes, ...x.sizes],
          x,
        ),
      );
      return finished(whole, createGraph);
    });
    return [found, Array.isArray(given)];
  });
}

/** Rows one after another, recorded, under the sizes given. */
function stacked(rows: readonly Tensor[], sizes: readonly number[], like: Tensor): Tensor {
  const out = empty([rows.length, ...like.sizes], like.dtype);
  if (out._numel > 0) for (const [k, row] of rows.entries()) copyInto(out.select(0, k), row);
  record("StackBackward0", rows, [out], ([g]) => [...rows.keys()].map((k) => g?.select(0, k) ?? null));
  return out.reshape([...sizes]);
}

/** What `jacobian` and `hessian` take by name. */
export interface JacobianOptions extends Omit<VectorOptions, "v"> {
  /** Changes nothing here. */
  vectorize?: boolean;
}

type Jacobian = <I extends Tensors, O extends Tensors>(
  func: (...inputs: Tensor[]) => O,
  inputs: I,
  createGraph?: boolean | (JacobianOptions & { strategy?: string }),
  strict?: boolean | (JacobianOptions & { strategy?: string }),
  vectorize?: boolean,
  strategy?: string,
) => Like<O, Like<I, Tensor>>;

type Hessian = <I extends Tensors>(
  func: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  createGraph?: boolean | (JacobianOptions & { outerJacobianStrategy?: string }),
  strict?: boolean | (JacobianOptions & { outerJacobianStrategy?: string }),
  vectorize?: boolean,
  outerJacobianStrategy?: string,
) => Like<I, Like<I, Tensor>>;

const FLAGS = "bool createGraph=False, bool strict=False, bool vectorize=False";

/**
 * The Jacobian of `func` at `inputs`, of the sizes of the output followed by those of the input; a list per output where `func` gives
 * several, and in it (or alone) a list per input where several are given. `createGraph` (false) keeps the graph; `strict` (false)
 * throws AutogradError where an output does not depend on an input, which otherwise gives zeros. `vectorize` changes nothing here. Source:
 * torch.autograd.functional.jacobian.
 */
export const jacobian = overloaded<Jacobian>([
  `def jacobian(function func, Tensor|Tensor[] inputs, ${FLAGS}, str strategy='reverse-mode')`,
  jacobianOf,
]);

function jacobianOf<I extends Tensors, O extends Tensors>(
  func: (...inputs: Tensor[]) => O,
  inputs: I,
  createGraph = false,
  strict = false,
  _vectorize = false,
  strategy = "reverse-mode",
): Like<O, Like<I, Tensor>> {
  checkStrategy(strategy, "strategy");
  const [found, several] = jacobians(func, inputs, createGraph, strict);
  const rows = found.map((row) => unpacked(row, inputs));
  return (several ? rows : rows[0]) as unknown as Like<O, Like<I, Tensor>>;
}

/** Throws CressetError for forward-mode differentiation, which is not there. */
function checkStrategy(strategy: string, name: string): void {
  if (strategy === "reverse-mode") return;
  if (strategy === "forward-mode") throw new CressetError(`${name}="forward-mode" is left out: use "reverse-mode"`);
  throw new CressetError('Expected strategy to be either "forward-mode" or "reverse-mode".');
}

/**
 * The Hessian of a function of one element, of the sizes of the input twice; for several inputs a list of lists. Options as
 * `jacobian`. Source: torch.autograd.functional.hessian.
 */
export const hessian = overloaded<Hessian>([
  `def hessian(function func, Tensor|Tensor[] inputs, ${FLAGS}, str outerJacobianStrategy='reverse-mode')`,
  hessianOf,
]);

function hessianOf<I extends Tensors>(
  func: (...inputs: Tensor[]) => Tensor,
  inputs: I,
  createGraph = false,
  strict = false,
  _vectorize = false,
  outerJacobianStrategy = "reverse-mode",
): Like<I, Like<I, Tensor>> {
  checkStrategy(outerJacobianStrategy, "outer_jacobian_strategy");
  listOf(inputs, "inputs", "hessian");
  const one = (...xs: Tensor[]): Tensor => scalarOutput(func(...xs), "hessian", strict).reshape([]);
  const first = (...xs: Tensor[]): Tensor[] => {
    const [[row]] = jacobians(one, xs, true, false);
    requireGraph(row, linearJacobian, strict);
    return row;
  };
  const [found] = jacobians(first, inputs, createGraph, strict);
  const rows = found.map((row) => unpacked(row, inputs));
  return (Array.isArray(inputs) ? rows : rows[0]) as unknown as Like<I, Like<I, Tensor>>;
}
