// Operations of random graphs: elementwise, reductions, joins, products, choices by masks.

import { type GraphWriter, passes } from "./graph-writer";
import type { Statement, Value } from "./statements";

const STEPS = new Set(["floor", "round", "sign", "frac", "trunc"]);

export function unary(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  const [call, ...args] = w.random.pick<readonly [string, ...Value[]]>([
    ["sin"],
    ["cos"],
    ["tanh"],
    ["sigmoid"],
    ["relu"],
    ["abs"],
    ["neg"],
    ["square"],
    ["exp"],
    ["atan"],
    ["clone"],
    ["clamp", -0.5, 1],
    ["clamp", null, 0.7],
    ["pow", 2],
    ["pow", 3],
    ["mul", 1.5],
    ["add", 2],
    ["sub", 0.5],
    ["div", 2],
    ["floor"],
    ["round"],
    ["sign"],
    ["frac"],
    ["log1p"],
    ["erf"],
    ["logit", 0.1],
    ["trunc"],
    ["expm1"],
    ["contiguous"],
    ["sinh"],
    ["reciprocal"],
    ["leakyRelu_"],
    ["nanToNum"],
    ["deg2rad"],
    ["tril"],
    ["triu"],
    ["flip", [0]],
    ["roll", 1],
    ["cumsum", 0],
    ["cumprod", 0],
    ["softmax", -1],
    ["logSoftmax", 0],
    ["sort"],
    ["hardshrink"],
  ]);
  if (on !== undefined && STEPS.has(call) && w.isOnStep(on)) return undefined;
  if (call === "reciprocal" && on !== undefined) return w.method("rsub", "torch", [w.variable(on), 1]);
  if (call === "leakyRelu_") return w.method("tanhshrink", "F", [w.variable(on ?? "x0")]);
  if (call === "hardshrink")
    return w.method(
      w.random.pick(["softshrink", "elu", "gelu", "silu", "softplus", "leakyRelu", "hardtanh", "selu"]),
      "F",
      [w.variable(on ?? "x0")],
    );
  if (call === "sort" && on !== undefined)
    return { out: [w.fresh("y"), w.fresh("i")], on, call: w.random.pick(["max", "min", "sort"]), args: [0] };
  return w.method(call, on, args);
}

/** Whether a quotient is so near to a whole number that a rounding error decides what remains. */
function isNearStep(w: GraphWriter, operands: readonly string[]): boolean {
  const [a, b] = operands.map((name) => w.running.tensor(name)?.detach());
  return passes(
    () =>
      a !== undefined && b !== undefined && (a.div(b).frac().abs().sub(0.5).abs().gt(0.499).any().item() as boolean),
  );
}

export function binary(w: GraphWriter): Statement | undefined {
  const [on, other] = [w.tensor(), w.tensor()];
  if (on === undefined || other === undefined) return undefined;
  const operands = w.random.chance(20) ? [on, on] : [on, other];
  const call = w.random.weighted<string>([
    [10, "add"],
    [8, "mul"],
    [5, "sub"],
    [3, "div"],
    [2, "maximum"],
    [2, "minimum"],
    [1, "atan2"],
    [1, "logaddexp"],
    [1, "fmax"],
    [1, "hypot"],
    [1, "remainder"],
    [1, "copysign"],
  ]);
  if (call === "remainder" && isNearStep(w, operands)) return undefined;
  const named =
    (call === "add" || call === "sub") && w.random.chance(15) ? { alpha: w.random.pick([2, 0.5]) } : undefined;
  return w.method(call, operands[0], [w.variable(operands[1])], named);
}

export function reduction(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  const dims = w.sizes(on ?? "").length;
  // The variance of one element is NaN, and PyTorch's gradient of it has another shape.
  const whole = ["sum", "mean", "sum", "prod", "norm", "amax"];
  if ((w.running.tensor(on ?? "")?.numel() ?? 0) > 1) whole.push("var");
  const all: Statement | undefined = w.method(w.random.pick(whole), on);
  if (dims === 0 || w.random.chance(35)) return all;
  const call = w.random.pick(["sum", "mean", "amax", "amin", "logsumexp", "sum", "nansum"]);
  const keepdim = w.random.chance(40) ? { keepdim: true } : undefined;
  return w.method(call, on, [w.random.below(dims)], keepdim);
}

export function joined(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  if (on === undefined) return undefined;
  const rank = w.sizes(on).length;
  const other = w.tensor((name) => w.sizes(name).join() === w.sizes(on).join()) ?? on;
  const list = [w.variable(on), w.variable(other)];
  if (rank > 0 && w.random.chance(60)) return w.method("cat", "torch", [list, w.random.below(rank)]);
  return w.method("stack", "torch", [list]);
}

export function product(w: GraphWriter): Statement | undefined {
  const on = w.ofRank((rank) => rank >= 1);
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  const last = sizes[sizes.length - 1];
  const other = w.tensor((name) => {
    const theirs = w.sizes(name);
    return theirs.length >= 1 && (theirs.length === 1 ? theirs[0] : theirs[theirs.length - 2]) === last;
  });
  if (other === undefined) return undefined;
  return w.random.chance(25)
    ? w.method("linear", "F", [w.variable(on), w.variable(other)])
    : w.method("matmul", on, [w.variable(other)]);
}

export function chosen(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  if (on === undefined) return undefined;
  const masks = w.names.filter((name) => w.running.tensor(name)?.dtype.name === "bool");
  if (masks.length === 0 || w.random.chance(40))
    return {
      out: [w.fresh("m")],
      on,
      call: w.random.pick(["gt", "lt", "ge"]),
      // Sums of elements of leaves never come to these: a rounding error would decide.
      args: [w.random.pick([0.013, 0.513])],
    };
  const mask = w.random.pick(masks);
  const other = w.tensor() ?? on;
  return w.random.pick<() => Statement | undefined>([
    () => w.method("where", "torch", [w.variable(mask), w.variable(on), w.variable(other)]),
    () => w.method("maskedFill", on, [w.variable(mask), 0.25]),
    () => ({ out: [w.fresh("y")], on, call: "[]", args: [], index: [w.variable(mask)] }),
    () => w.method("maskedSelect", on, [w.variable(mask)]),
    () => w.method("mul", on, [w.variable(mask)]),
  ])();
}

/** Whether the elements of every row differ: of a row of equal ones a normalisation leaves rounding errors alone. */
function varies(w: GraphWriter, name: string): boolean {
  const x = w.running.tensor(name)?.detach();
  if (x === undefined || x.ndim === 0 || x.numel() === 0) return false;
  return x.amax(-1).sub(x.amin(-1)).gt(0.01).all().item() === true;
}

export function composite(w: GraphWriter): Statement | undefined {
  const [on, other, third] = [w.tensor(), w.tensor(), w.tensor()];
  if (on === undefined || other === undefined || third === undefined) return undefined;
  const v = (name: string): Value => w.variable(name);
  return w.random.pick<() => Statement | undefined>([
    () => w.method("mseLoss", "F", [v(on), v(other)]),
    () => w.method("lerp", on, [v(other), w.random.chance(50) ? 0.25 : v(third)]),
    () => w.method("addcmul", on, [v(other), v(third)], { value: 0.5 }),
    () => w.method("smoothL1Loss", "F", [v(on), v(other)]),
    // Of one element only rounding errors are left.
    () => (varies(w, on) ? w.method("layerNorm", "F", [v(on), [w.sizes(on).at(-1) ?? 1]]) : undefined),
    () => w.method("normalize", "F", [v(on)], { dim: 0 }),
    () => w.method("pad", "F", [v(on), [1, 0]]),
    () => (w.sizes(on).length > 0 ? w.method("indexSelect", on, [0, v("torch.tensor([0, 0])")]) : undefined),
  ])();
}
