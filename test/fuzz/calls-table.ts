// Which functions are called, and with what: one row per family, in PyTorch's order and names of parameters.

import type { Argument, Maker, Value } from "./calls-arguments";
import { dtypeOption, type Entry, key, type Make, one, row } from "./calls-rows";
import { linalg } from "./calls-table-linalg";
import { network } from "./calls-table-network";
import { special } from "./calls-table-special";

const two =
  (kind: Parameters<Maker["use"]>[0], scalars = true, name = "other"): Make =>
  (g) => {
    g.use(kind);
    const [a, b] = g.pair(scalars);
    return [
      ["input", a],
      [name, b],
    ];
  };

/** An argument that has a name of its own where it is a number. */
const numberOr = (number: string, other: string, value: Value): Argument => [
  typeof value === "object" && value !== null && "tensor" in value ? other : number,
  value,
];

/** A tensor and the size or sizes of its parts, under these names. */
const splitting =
  (first: string, name: string): Make =>
  (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    const cut = g.int(0, sizes[d]);
    return [
      [first, g.tensor(sizes)],
      [name, g.chance(0.5) ? g.int(1, 3) : [cut, sizes[d] - cut]],
      ["dim", d === 0 && g.chance(0.5) ? undefined : d],
    ];
  };

/** One dimension or none, and whether it stays. */
const along =
  (
    kind: Parameters<Maker["use"]>[0],
    options: { many?: boolean; must?: boolean; dtype?: boolean; keep?: boolean } = {},
  ): Make =>
  (g) => {
    g.use(kind);
    const sizes = g.shape();
    const dim = (): Value => (options.many && g.chance(0.4) ? g.dims(sizes.length) : g.dim(sizes.length));
    const args: Argument[] = [["input", g.tensor(sizes)]];
    if (options.must || g.chance(0.7)) {
      args.push(["dim", dim()]);
      if (options.keep !== false) args.push(["keepdim", g.maybe(0.5, () => g.bool())]);
    }
    if (options.dtype) args.push(dtypeOption(g));
    return args;
  };

const elementwise: Entry[] = [
  ...row("tmi", "abs absolute neg negative sign sgn ceil floor trunc fix frac square", one("number")),
  ...row("tm", "positive", one("number")),
  ...row(
    "tmi",
    "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh arcsin arccos arctan arcsinh arccosh arctanh deg2rad rad2deg sigmoid erf erfc erfinv lgamma digamma",
    one("float"),
  ),
  ...row("tmi", "relu", one("number")),
  ...row("tm", "isnan isinf isfinite isneginf isposinf signbit logicalNot", one("any")),
  ...row("i", "logicalNot", one("any")),
  ...row("tmi", "bitwiseNot", one("int")),
  ...row("tmi", "round", (g) => [
    ...one("float")(g),
    key(
      "decimals",
      g.maybe(0.4, () => g.int(-2, 3)),
    ),
  ]),
  ...row("tmi", "logit", (g) => {
    g.use("float");
    return [
      ["input", g.tensor(g.shape(), g.chance(0.7) ? "unit" : "any")],
      ["eps", g.maybe(0.5, () => g.pick([0.1, 0.25, 0.6, 0, 1]))],
    ];
  }),
  ...row("tmi", "nanToNum", (g) => [
    ...one("number")(g),
    ["nan", g.maybe(0.4, () => g.number())],
    ["posinf", g.maybe(0.4, () => g.number())],
    ["neginf", g.maybe(0.4, () => g.number())],
  ]),
  ...row("tmi", "mul multiply trueDivide floorDivide remainder fmod copysign", two("number")),
  ...row("tmi", "pow", two("number", true, "exponent")),
  ...row("tmi", "eq ne lt le gt ge notEqual less lessEqual greater greaterEqual", two("any")),
  ...row("tmi", "logicalAnd logicalOr logicalXor", two("any", false)),
  ...row("tm", "maximum minimum fmax fmin", two("number", false)),
  ...row("tmi", "atan2 arctan2 hypot", two("float", false)),
  ...row("tmi", "nextafter", two("float", false)),
  ...row("tm", "logaddexp logaddexp2", two("float", false)),
  ...row("tmi", "bitwiseAnd bitwiseOr bitwiseXor", two("int")),
  ...row("tmi", "bitwiseLeftShift bitwiseRightShift", (g) => {
    g.use("int");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["other", g.chance(0.3) ? g.int(0, 4) : g.tensor(g.broadcast(sizes), { below: 5 }, g.dtype)],
    ];
  }),
  ...row("tmi", "gcd lcm", two("int", false)),
  ...row("tmi", "xlogy", two("float")),
  ...row("tmi", "add sub subtract", (g) => [
    ...two("any")(g),
    key(
      "alpha",
      g.maybe(0.3, () => g.number()),
    ),
  ]),
  ...row("t", "rsub", (g) => [
    ...two("any")(g),
    key(
      "alpha",
      g.maybe(0.3, () => g.number()),
    ),
  ]),
  ...row("tmi", "div divide", (g) => [
    ...two("number")(g),
    key(
      "roundingMode",
      g.maybe(0.5, () => g.pick<Value>(["floor", "trunc", null])),
    ),
  ]),
  ...row("tmi", "addcmul addcdiv", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["tensor1", g.tensor(g.broadcast(sizes))],
      ["tensor2", g.tensor(g.broadcast(sizes))],
      key(
        "value",
        g.maybe(0.5, () => g.number()),
      ),
    ];
  }),
  ...row("tmi", "lerp", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["end", g.tensor(g.broadcast(sizes))],
      ["weight", g.chance(0.5) ? g.number() : g.tensor(g.broadcast(sizes))],
    ];
  }),
  ...row("tmi", "clamp clip", (g) => {
    g.use("number");
    const sizes = g.shape();
    const tensors = g.chance(0.3);
    const bound = (): Value => (tensors ? g.tensor(g.broadcast(sizes)) : g.number());
    return [
      ["input", g.tensor(sizes)],
      ["min", g.maybe(0.75, bound) ?? (g.chance(0.5) ? null : undefined)],
      ["max", g.maybe(0.75, bound)],
    ];
  }),
  ...row("tmi", "clampMin", two("number", true, "min")),
  ...row("tmi", "clampMax", two("number", true, "max")),
  ...row("t", "where", (g) => {
    g.use("number");
    const sizes = g.shape();
    const operand = (): Value => (g.chance(0.25) ? g.number() : g.tensor(g.broadcast(sizes)));
    return [
      ["condition", g.tensor(g.broadcast(sizes), "bool", "bool")],
      numberOr("self", "input", operand()),
      ["other", operand()],
    ];
  }),
  ...row("t", "where", (g) => [["condition", g.tensor(g.shape(), "bool", "bool")]]),
  ...row("m", "where", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["condition", g.tensor(g.broadcast(sizes), "bool", "bool")],
      ["other", g.chance(0.25) ? g.number() : g.tensor(g.broadcast(sizes))],
    ];
  }),
];

const variance: Make = (g) => {
  g.use("float");
  const sizes = g.shape(0, 3);
  const args: Argument[] = [["input", g.tensor(sizes)]];
  const form = g.int(0, 3);
  if (form === 1) args.push(["unbiased", g.bool()]);
  if (form === 2) {
    args.push(["dim", g.chance(0.4) ? g.dims(sizes.length) : g.dim(sizes.length)]);
    args.push(["unbiased", g.bool()], ["keepdim", g.maybe(0.5, () => g.bool())]);
  }
  if (form === 3) {
    args.push(["dim", g.dim(sizes.length)]);
    args.push(
      key("correction", g.int(0, 2)),
      key(
        "keepdim",
        g.maybe(0.5, () => g.bool()),
      ),
    );
  }
  return args;
};

const reductions: Entry[] = [
  ...row("tm", "sum mean nansum nanmean", along("number", { many: true, dtype: true })),
  ...row("tm", "prod", along("number", { dtype: true })),
  ...row("tm", "amax amin", along("number", { many: true })),
  ...row("tm", "any all", along("any")),
  ...row("tm", "argmax argmin", along("number")),
  ...row("tm", "max min", along("number")),
  ...row("tm", "max min", two("number", false)),
  ...row("tm", "aminmax", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      key(
        "dim",
        g.maybe(0.6, () => g.dim(sizes.length)),
      ),
      key(
        "keepdim",
        g.maybe(0.5, () => g.bool()),
      ),
    ];
  }),
  ...row("tm", "median nanmedian", along("number")),
  ...row("tm", "mode", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
      ["keepdim", g.maybe(0.5, () => g.bool())],
    ];
  }),
  ...row("tm", "logsumexp", along("float", { many: true, must: true })),
  ...row("tm", "countNonzero", along("any", { many: true, keep: false })),
  ...row("tm", "var std", variance),
  ...row("t", "varMean stdMean", variance),
  ...row("tm", "norm", (g) => {
    g.use("float");
    const sizes = g.shape(0, 3);
    const args: Argument[] = [
      ["input", g.tensor(sizes)],
      ["p", g.maybe(0.7, () => g.pick<Value>([0, 1, 2, 3, 0.5, -1, "fro", { number: "inf" }, { number: "-inf" }]))],
    ];
    if (g.chance(0.6))
      args.push(
        ["dim", g.chance(0.4) ? g.dims(sizes.length) : g.dim(sizes.length)],
        ["keepdim", g.maybe(0.5, () => g.bool())],
      );
    return args;
  }),
  ...row("tm", "dist", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(g.broadcast(sizes))],
      ["p", g.maybe(0.6, () => g.pick<Value>([0, 1, 2, 3, { number: "inf" }]))],
    ];
  }),
  ...row("tm", "quantile nanquantile", (g) => {
    g.use("float");
    const sizes = g.shape(0, 3);
    const args: Argument[] = [
      ["input", g.tensor(sizes)],
      ["q", g.chance(0.6) ? g.pick([0, 0.25, 0.5, 0.9, 1]) : g.tensor(g.chance(0.5) ? [] : [2], "unit")],
    ];
    if (g.chance(0.7)) args.push(["dim", g.dim(sizes.length)], ["keepdim", g.maybe(0.5, () => g.bool())]);
    args.push(
      key(
        "interpolation",
        g.maybe(0.5, () => g.pick(["linear", "lower", "higher", "midpoint", "nearest"])),
      ),
    );
    return args;
  }),
  ...row("tm", "cumsum cumprod", (g) => [...along("number", { must: true, keep: false })(g), dtypeOption(g)]),
  ...row("i", "cumsum cumprod", along("number", { must: true, keep: false })),
  ...row("tm", "logcumsumexp", along("float", { must: true, keep: false })),
  ...row("tm", "cummax cummin", along("number", { must: true, keep: false })),
  ...row("tm", "softmax logSoftmax", (g) => [...along("float", { must: true, keep: false })(g), dtypeOption(g)]),
  ...row("tm", "diff", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const d = g.dim(sizes.length);
    const more = () => g.tensor(sizes.map((n, k) => (k === (d + sizes.length) % sizes.length ? g.int(0, 2) : n)));
    return [
      ["input", g.tensor(sizes)],
      ["n", g.maybe(0.5, () => g.int(0, 3))],
      ["dim", d],
      ["prepend", g.maybe(0.2, more)],
      ["append", g.maybe(0.2, more)],
    ];
  }),
  ...row("tm", "corrcoef", one("float", 0, 2)),
  ...row("tm", "cov", (g) => {
    g.use("number");
    const sizes = g.shape(0, 2);
    const n = sizes.length === 0 ? 1 : sizes[sizes.length - 1];
    return [
      ["input", g.tensor(sizes)],
      key(
        "correction",
        g.maybe(0.4, () => g.int(0, 2)),
      ),
      key(
        "fweights",
        g.maybe(0.2, () => g.tensor([n], { below: 4 }, "int64")),
      ),
      key(
        "aweights",
        g.maybe(0.2, () => g.tensor([n], "positive")),
      ),
    ];
  }),
  ...row("tm", "trace", one("number", 2, 2)),
];

/** A shape with the same number of elements. */
function reshaped(g: Maker, sizes: readonly number[]): number[] {
  const total = sizes.reduce((n, k) => n * k, 1);
  if (total === 0) return g.shuffled(sizes);
  const out: number[] = [];
  let left = total;
  while (left > 1) {
    const divisors = Array.from({ length: left }, (_, k) => k + 1).filter((k) => left % k === 0 && k > 1);
    const d = g.pick(divisors);
    out.push(d);
    left /= d;
  }
  if (g.chance(0.2)) out.splice(g.int(0, out.length), 0, 1);
  if (out.length > 0 && g.chance(0.3)) out[g.int(0, out.length - 1)] = -1;
  return out;
}

const sized =
  (name: string): Make =>
  (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      [name, reshaped(g, sizes)],
    ];
  };

const withDims =
  (names: readonly string[], least = 1, kind: Parameters<Maker["use"]>[0] = "any"): Make =>
  (g) => {
    g.use(kind);
    const sizes = g.shape(least);
    return [["input", g.tensor(sizes)], ...names.map((name): Argument => [name, g.dim(sizes.length)])];
  };

const alike: Make = (g) => {
  g.use("any");
  const sizes = g.shape();
  return [
    ["input", g.tensor(sizes)],
    ["other", g.tensor(g.chance(0.8) ? sizes : g.shape())],
  ];
};

const expanding =
  (name: string): Make =>
  (g) => {
    g.use("any");
    const sizes = g.shape();
    const to = [
      ...Array.from({ length: g.int(0, 2) }, () => g.int(1, 3)),
      ...sizes.map((n) => (n === 1 ? g.int(1, 3) : g.chance(0.2) ? -1 : n)),
    ];
    return [
      ["input", g.tensor(sizes.map((n) => n))],
      [name, to],
    ];
  };

const views: Entry[] = [
  ...row("tm", "reshape", sized("shape")),
  ...row("m", "view", sized("size")),
  ...row("m", "reshapeAs viewAs", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(reshaped(g, sizes).map((n) => Math.abs(n)))],
    ];
  }),
  ...row("m", "typeAs expandAs", alike),
  ...row("m", "expand", expanding("size")),
  ...row("tm", "broadcastTo", expanding("size")),
  ...row("tm", "transpose swapdims", withDims(["dim0", "dim1"])),
  ...row("tm", "swapaxes", withDims(["axis0", "axis1"])),
  ...row("i", "transpose swapdims", withDims(["dim0", "dim1"])),
  ...row("i", "swapaxes", withDims(["axis0", "axis1"])),
  ...row("tmi", "t", one("any", 0, 2)),
  ...row("tm", "permute", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dims", g.shuffled(sizes.map((_, d) => (g.chance(0.2) ? d - sizes.length : d)))],
    ];
  }),
  ...row("tm", "movedim moveaxis", (g) => {
    g.use("any");
    const sizes = g.shape(0, 4);
    if (g.chance(0.5))
      return [
        ["input", g.tensor(sizes)],
        ["source", g.dim(sizes.length)],
        ["destination", g.dim(sizes.length)],
      ];
    const from = g.dims(sizes.length);
    const to = g.shuffled(sizes.map((_, d) => d)).slice(0, from.length);
    return [
      ["input", g.tensor(sizes)],
      ["source", from],
      ["destination", to],
    ];
  }),
  ...row("tmi", "squeeze", (g) => {
    g.use("any");
    const sizes = g.shape().map((n) => (g.chance(0.4) ? 1 : n));
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tmi", "unsqueeze", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.dim(sizes.length + 1)],
    ];
  }),
  ...row("tm", "flatten", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["startDim", g.maybe(0.6, () => g.dim(sizes.length))],
      ["endDim", g.maybe(0.5, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "ravel", one("any")),
  ...row("m", "unflatten", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.chance(0.3) ? d - sizes.length : d],
      ["sizes", reshaped(g, [sizes[d]])],
    ];
  }),
  ...row("tm", "select", (g) => {
    g.use("any");
    const sizes = g.shape(1);
    const d = g.int(0, sizes.length - 1);
    return [
      ["input", g.tensor(sizes)],
      ["dim", d],
      ["index", g.int(-sizes[d], Math.max(0, sizes[d] - 1))],
    ];
  }),
  ...row("tm", "narrow", (g) => {
    g.use("any");
    const sizes = g.shape(1);
    const d = g.int(0, sizes.length - 1);
    const from = g.int(0, sizes[d]);
    return [
      ["input", g.tensor(sizes)],
      ["dim", d],
      ["start", g.chance(0.2) ? from - sizes[d] : from],
      ["length", g.int(0, sizes[d] - from)],
    ];
  }),
  ...row("tm", "diagonal", (g) => {
    g.use("any");
    const sizes = g.shape(2);
    return [
      ["input", g.tensor(sizes)],
      ["offset", g.maybe(0.5, () => g.int(-3, 3))],
      ["dim1", g.maybe(0.4, () => g.dim(sizes.length))],
      ["dim2", g.maybe(0.4, () => g.dim(sizes.length))],
    ];
  }),
  ...row("m", "unfold", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    const d = sizes.length === 0 ? 0 : g.int(0, sizes.length - 1);
    return [
      ["input", g.tensor(sizes)],
      ["dimension", d],
      ["size", g.int(0, sizes[d] ?? 1)],
      ["step", g.int(1, 3)],
    ];
  }),
  ...row("tm", "asStrided", (g) => {
    g.use("any");
    const total = g.int(1, 8);
    const ndim = g.int(0, 2);
    return [
      ["input", g.tensor([total], "any", undefined, true)],
      ["size", Array.from({ length: ndim }, () => g.int(0, 3))],
      ["stride", Array.from({ length: ndim }, () => g.int(0, 2))],
      ["storageOffset", g.maybe(0.4, () => g.int(0, 2))],
    ];
  }),
  ...row("tm", "unbind", (g) => {
    g.use("any");
    const sizes = g.shape(1);
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.7, () => g.dim(sizes.length))],
    ];
  }),
  ...row("t", "split", splitting("tensor", "splitSizeOrSections")),
  ...row("m", "split", splitting("input", "splitSize")),
  ...row("tm", "splitWithSizes", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    const cut = g.int(0, sizes[d]);
    return [
      ["input", g.tensor(sizes)],
      ["splitSizes", [cut, sizes[d] - cut]],
      ["dim", d],
    ];
  }),
  ...row("tm", "chunk", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    return [
      ["input", g.tensor(sizes)],
      ["chunks", g.int(1, 4)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "tensorSplit", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const given = g.int(0, 2);
    const list: Value = [g.int(0, 2), g.int(1, 4)];
    return [
      ["input", g.tensor(sizes)],
      [given === 0 ? "sections" : "indices", given === 0 ? g.int(1, 4) : list],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "hsplit vsplit dsplit", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3).map((n) => (g.chance(0.4) ? 2 * n : n));
    const equal = g.chance(0.6);
    return [
      ["input", g.tensor(sizes)],
      [equal ? "sections" : "indices", equal ? g.int(1, 2) : [1, 2]],
    ];
  }),
  ...row("tm", "detach clone contiguous".replace(" contiguous", ""), one("any")),
  ...row(
    "m",
    "contiguous isContiguous size stride dim ndimension nelement numel elementSize isFloatingPoint isComplex isSigned isPinned pinMemory tolist",
    one("any"),
  ),
  ...row("t", "numel isFloatingPoint isComplex", one("any")),
  ...row("m", "item", (g) => {
    g.use("any");
    return [["input", g.tensor(g.chance(0.8) ? g.pick([[], [1], [1, 1]]) : g.shape())]];
  }),
  ...row("m", "sumToSize", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["size", sizes.slice(g.int(0, sizes.length)).map((n) => (g.chance(0.4) ? 1 : n))],
    ];
  }),
  ...row("m", "repeat", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    return [
      ["input", g.tensor(sizes)],
      ["repeats", Array.from({ length: sizes.length + g.int(0, 1) }, () => g.int(0, 3))],
    ];
  }),
  ...row("tm", "tile", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    return [
      ["input", g.tensor(sizes)],
      ["dims", Array.from({ length: g.int(0, sizes.length + 1) }, () => g.int(0, 3))],
    ];
  }),
  ...row("tm", "flip", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dims", g.dims(sizes.length)],
    ];
  }),
  ...row("tm", "fliplr flipud", one("any", 0, 3)),
  ...row("tm", "roll", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const dims = g.dims(sizes.length);
    if (g.chance(0.3) || dims.length === 0)
      return [
        ["input", g.tensor(sizes)],
        ["shifts", g.int(-4, 4)],
        ["dims", g.maybe(0.5, () => g.dim(sizes.length))],
      ];
    return [
      ["input", g.tensor(sizes)],
      ["shifts", dims.map(() => g.int(-4, 4))],
      ["dims", dims],
    ];
  }),
  ...row("tm", "rot90", (g) => {
    g.use("any");
    const sizes = g.shape(2, 3);
    return [
      ["input", g.tensor(sizes)],
      ["k", g.maybe(0.7, () => g.int(-2, 5))],
      ["dims", g.maybe(0.5, () => [g.dim(sizes.length), g.dim(sizes.length)])],
    ];
  }),
];

const joined =
  (make: (g: Maker) => number[][]): Make =>
  (g) => {
    g.use("any");
    return [["tensors", make(g).map((sizes) => g.tensor(sizes))]];
  };
const several = (g: Maker): number[] => Array.from({ length: g.int(1, 3) });

const joins: Entry[] = [
  ...row("t", "cat concat", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    const parts = several(g).map(() => (g.chance(0.08) ? [0] : sizes.map((n, k) => (k === d ? g.int(0, 3) : n))));
    return [
      ["tensors", parts.map((part) => g.tensor(part))],
      ["dim", d === 0 && g.chance(0.5) ? undefined : g.chance(0.3) ? d - sizes.length : d],
    ];
  }),
  ...row("t", "stack", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    return [
      ["tensors", several(g).map(() => g.tensor(sizes))],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length + 1))],
    ];
  }),
  ...row(
    "t",
    "hstack vstack dstack rowStack columnStack",
    joined((g) => {
      const sizes = g.shape(0, 3);
      return several(g).map(() => sizes);
    }),
  ),
  ...row("t", "atleast1d atleast2d atleast3d", one("any")),
  ...row("t", "blockDiag", (g) => {
    g.use("any");
    return several(g).map((_, k): Argument => [`tensor${k}`, g.tensor(g.shape(0, 2))]);
  }),
  ...row("t", "cartesianProd", (g) => {
    g.use("any");
    return several(g).map((_, k): Argument => [`tensor${k}`, g.tensor(g.shape(1, 1))]);
  }),
  ...row("t", "broadcastTensors", (g) => {
    g.use("any");
    const sizes = g.shape();
    return several(g).map((_, k): Argument => [`tensor${k}`, g.tensor(g.broadcast(sizes))]);
  }),
  ...row("t", "broadcastShapes", (g) => {
    const sizes = g.shape();
    return several(g).map((_, k): Argument => [`shape${k}`, g.broadcast(sizes)]);
  }),
  ...row("t", "meshgrid", (g) => {
    g.use("any");
    return [
      ["tensors", several(g).map(() => g.tensor(g.shape(0, 1)))],
      key(
        "indexing",
        g.maybe(0.6, () => g.pick(["ij", "xy"])),
      ),
    ];
  }),
  ...row("t", "combinations", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(1, 1))],
      ["r", g.maybe(0.5, () => g.int(0, 3))],
      ["withReplacement", g.maybe(0.4, () => g.bool())],
    ];
  }),
  ...row("t", "resultType", (g) => {
    g.use("any");
    return [
      ["tensor", g.tensor(g.shape())],
      ["other", g.chance(0.2) ? g.number() : g.tensor(g.shape())],
    ];
  }),
  ...row("t", "promoteTypes", (g) => [
    [
      "type1",
      { dtype: g.pick(["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "float64"]) },
    ],
    [
      "type2",
      { dtype: g.pick(["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "float64"]) },
    ],
  ]),
  ...row("t", "canCast", (g) => [
    ["from", { dtype: g.pick(["bool", "uint8", "int64", "float32", "float64"]) }],
    ["to", { dtype: g.pick(["bool", "uint8", "int64", "float32", "float64"]) }],
  ]),
];

/** A dimension of a shape with positions along it. */
function indexed(g: Maker, least = 1): { sizes: number[]; d: number; n: number } {
  const sizes = g.shape(least, 3).map((n) => Math.max(1, n));
  const d = g.int(0, Math.max(0, sizes.length - 1));
  return { sizes, d, n: sizes[d] ?? 1 };
}

const scattering =
  (source: "tensor" | "value", extra: (g: Maker) => Argument[] = () => []): Make =>
  (g) => {
    g.use("number");
    const { sizes, d, n } = indexed(g, 0);
    const shape = sizes.map((m, k) => (k === d ? g.int(0, 3) : g.int(1, m)));
    const index = g.index(shape, n);
    const src =
      source === "value"
        ? g.number()
        : g.tensor(
            shape.map((m) => m + g.int(0, 1)),
            "any",
            g.dtype,
          );
    return [
      ["input", g.tensor(sizes, "any", g.dtype)],
      ["dim", d],
      ["index", index],
      [source === "value" ? "value" : "src", src],
      ...extra(g),
    ];
  };

const alongIndex =
  (last: (g: Maker, sizes: number[]) => Argument[]): Make =>
  (g) => {
    g.use("number");
    const { sizes, d, n } = indexed(g, 0);
    const count = g.int(0, 3);
    const part = sizes.map((m, k) => (k === d ? count : m));
    return [
      ["input", g.tensor(sizes, "any", g.dtype)],
      ["dim", d],
      ["index", g.index(sizes.length === 0 ? [count === 0 ? 1 : count].slice(0, g.int(0, 1)) : [count], n)],
      ...last(g, part),
    ];
  };

const masked = (g: Maker): { input: Value; mask: Value; sizes: number[] } => {
  g.use("any");
  const sizes = g.shape();
  return { sizes, input: g.tensor(sizes, "any", g.dtype), mask: g.tensor(g.broadcast(sizes), "bool", "bool") };
};

const indexing: Entry[] = [
  ...row("tm", "gather", (g) => {
    g.use("any");
    const { sizes, d, n } = indexed(g, 0);
    return [
      ["input", g.tensor(sizes)],
      ["dim", d],
      [
        "index",
        g.index(
          sizes.map((m, k) => (k === d ? g.int(0, 3) : g.int(1, m))),
          n,
        ),
      ],
    ];
  }),
  ...row("tmi", "scatter", scattering("tensor")),
  ...row("tmi", "scatter", scattering("value")),
  ...row(
    "tmi",
    "scatter",
    scattering("tensor", (g) => [key("reduce", g.pick(["add", "multiply"]))]),
  ),
  ...row("tmi", "scatterAdd", scattering("tensor")),
  ...row(
    "tmi",
    "scatterReduce",
    scattering("tensor", (g) => [
      ["reduce", g.pick(["sum", "prod", "mean", "amax", "amin"])],
      key(
        "includeSelf",
        g.maybe(0.5, () => g.bool()),
      ),
    ]),
  ),
  ...row("tm", "indexSelect", (g) => {
    g.use("any");
    const { sizes, d, n } = indexed(g, 0);
    return [
      ["input", g.tensor(sizes)],
      ["dim", d],
      ["index", g.index(g.chance(0.1) ? [] : [g.int(0, 4)], n)],
    ];
  }),
  ...row(
    "tmi",
    "indexAdd",
    alongIndex((g, part) => [
      ["source", g.tensor(part, "any", g.dtype)],
      key(
        "alpha",
        g.maybe(0.4, () => g.number()),
      ),
    ]),
  ),
  ...row(
    "tmi",
    "indexCopy",
    alongIndex((g, part) => [["source", g.tensor(part, "any", g.dtype)]]),
  ),
  ...row(
    "tmi",
    "indexFill",
    alongIndex((g) => [["value", g.chance(0.6) ? g.number() : g.tensor([])]]),
  ),
  ...row(
    "tmi",
    "indexReduce",
    alongIndex((g, part) => [
      ["source", g.tensor(part, "any", g.dtype)],
      ["reduce", g.pick(["prod", "mean", "amax", "amin"])],
      key(
        "includeSelf",
        g.maybe(0.5, () => g.bool()),
      ),
    ]),
  ),
  ...row("tmi", "indexPut", (g) => {
    g.use("any");
    const { sizes } = indexed(g, 1);
    const shape = g.shape(0, 2);
    const count = g.int(1, sizes.length);
    const indices: Value[] = g.chance(0.2)
      ? [g.tensor(sizes.slice(0, count), "bool", "bool")]
      : sizes.slice(0, count).map((n) => g.index(g.chance(0.7) ? shape : [], n, true));
    return [
      ["input", g.tensor(sizes, "any", g.dtype)],
      ["indices", indices],
      ["values", g.tensor([], "any", g.dtype)],
      ["accumulate", g.maybe(0.4, () => g.bool())],
    ];
  }),
  ...row("tm", "take", (g) => {
    g.use("any");
    const sizes = g.shape();
    const total = sizes.reduce((n, k) => n * k, 1);
    return [
      ["input", g.tensor(sizes)],
      ["index", g.index(g.shape(0, 2), total, true)],
    ];
  }),
  ...row("mi", "put", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    const total = sizes.reduce((n, k) => n * k, 1);
    const shape = g.shape(0, 2);
    return [
      ["input", g.tensor(sizes, "any", g.dtype)],
      ["index", g.index(shape, total, true)],
      ["source", g.tensor(shape, "any", g.dtype)],
      ["accumulate", g.maybe(0.4, () => g.bool())],
    ];
  }),
  ...row("tm", "takeAlongDim", (g) => {
    g.use("any");
    const { sizes, d, n } = indexed(g);
    const flat = g.chance(0.2);
    const total = sizes.reduce((m, k) => m * k, 1);
    return [
      ["input", g.tensor(sizes)],
      [
        "indices",
        g.index(
          flat ? [g.int(0, 3)] : sizes.map((m, k) => (k === d ? g.int(1, 3) : g.chance(0.2) ? 1 : m)),
          flat ? total : n,
        ),
      ],
      ["dim", flat ? undefined : d],
    ];
  }),
  ...row("tm", "maskedSelect", (g) => {
    const { input, mask } = masked(g);
    return [
      ["input", input],
      ["mask", mask],
    ];
  }),
  ...row("tmi", "maskedFill", (g) => {
    const { input, mask } = masked(g);
    return [
      ["input", input],
      ["mask", mask],
      ["value", g.chance(0.7) ? g.number() : g.tensor([])],
    ];
  }),
  ...row("tmi", "maskedScatter", (g) => {
    const { input, mask, sizes } = masked(g);
    return [
      ["input", input],
      ["mask", mask],
      ["source", g.tensor([sizes.reduce((n, k) => n * k, 1) + g.int(0, 2)], "any", g.dtype)],
    ];
  }),
  ...row("tm", "nonzero argwhere", one("any")),
  ...row("tm", "repeatInterleave", (g) => {
    g.use("any");
    const sizes = g.shape(0, 3);
    const d = g.maybe(0.6, () => g.dim(sizes.length));
    const n =
      d === undefined ? sizes.reduce((m, k) => m * k, 1) : (sizes[(d + sizes.length) % Math.max(1, sizes.length)] ?? 1);
    return [
      ["input", g.tensor(sizes)],
      ["repeats", g.chance(0.6) ? g.int(0, 3) : g.tensor(g.chance(0.3) ? [1] : [n], { below: 3 }, "int64")],
      ["dim", d],
    ];
  }),
  ...row("tm", "diagonalScatter", (g) => {
    g.use("any");
    const [m, n] = [g.int(1, 4), g.int(1, 4)];
    const offset = g.maybe(0.5, () => g.int(-(m - 1), n - 1)) ?? 0;
    const length = Math.min(m + Math.min(offset, 0), n - Math.max(offset, 0));
    return [
      ["input", g.tensor([m, n])],
      ["src", g.tensor([length], "any", g.dtype)],
      ["offset", offset],
    ];
  }),
  ...row("tm", "selectScatter", (g) => {
    g.use("any");
    const { sizes, d, n } = indexed(g);
    return [
      ["input", g.tensor(sizes)],
      [
        "src",
        g.tensor(
          sizes.filter((_, k) => k !== d),
          "any",
          g.dtype,
        ),
      ],
      ["dim", d],
      ["index", g.int(-n, n - 1)],
    ];
  }),
  ...row("i", "fillDiagonal", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(2, 2))],
      ["fillValue", g.number()],
      ["wrap", g.maybe(0.4, () => g.bool())],
    ];
  }),
  ...row("i", "fill", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape())],
      ["value", g.chance(0.7) ? g.number() : g.tensor([])],
    ];
  }),
  ...row("i", "zero", one("any")),
  ...row("i", "copy", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      [
        "other",
        g.tensor(
          g.broadcast(sizes),
          "any",
          g.chance(0.5) ? g.dtype : g.pick(["float32", "int64", "bool", "uint8", "float64"]),
        ),
      ],
    ];
  }),
];

const ordering: Entry[] = [
  ...row("tm", "sort", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
      ["descending", g.maybe(0.5, () => g.bool())],
    ];
  }),
  ...row("tm", "argsort", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
      ["descending", g.maybe(0.5, () => g.bool())],
    ];
  }),
  ...row("tm", "msort", one("number")),
  ...row("tm", "topk", (g) => {
    g.use("number");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    return [
      ["input", g.tensor(sizes)],
      ["k", g.int(0, sizes[d])],
      ["dim", d],
      ["largest", g.maybe(0.5, () => g.bool())],
      ["sorted", g.maybe(0.2, () => true)],
    ];
  }),
  ...row("tm", "kthvalue", (g) => {
    g.use("number");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    return [
      ["input", g.tensor(sizes)],
      ["k", g.int(1, Math.max(1, sizes[d]))],
      ["dim", d],
      ["keepdim", g.maybe(0.5, () => g.bool())],
    ];
  }),
  ...row("tm", "unique", (g) => {
    g.use("any");
    const sizes = g.shape(0, 2);
    return [
      ["input", g.tensor(sizes)],
      ["sorted", g.maybe(0.1, () => true)],
      ["returnInverse", g.maybe(0.5, () => g.bool())],
      ["returnCounts", g.maybe(0.5, () => g.bool())],
      ["dim", g.maybe(0.3, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "uniqueConsecutive", (g) => {
    g.use("any");
    const sizes = g.shape(0, 2);
    return [
      ["input", g.tensor(sizes)],
      key(
        "returnInverse",
        g.maybe(0.5, () => g.bool()),
      ),
      key(
        "returnCounts",
        g.maybe(0.5, () => g.bool()),
      ),
      key(
        "dim",
        g.maybe(0.3, () => g.dim(sizes.length)),
      ),
    ];
  }),
  ...row("tm", "bincount", (g) => {
    const n = g.int(0, 5);
    g.use("number");
    return [
      ["input", g.tensor([n], { below: 5 }, g.pick(["int64", "int32", "uint8"]))],
      ["weights", g.maybe(0.4, () => g.tensor([n]))],
      ["minlength", g.maybe(0.4, () => g.int(0, 7))],
    ];
  }),
  ...row("tm", "histc", (g) => {
    g.use("float");
    return [
      ["input", g.tensor(g.shape())],
      ["bins", g.maybe(0.7, () => g.int(1, 6))],
      ["min", g.maybe(0.5, () => g.int(-3, 0))],
      ["max", g.maybe(0.5, () => g.int(1, 3))],
    ];
  }),
  ...row("t", "searchsorted", (g) => {
    g.use("number");
    const n = g.int(0, 4);
    return [
      ["sortedSequence", g.tensor([n], "positive", undefined, true)],
      numberOr("self", "input", g.chance(0.2) ? g.number() : g.tensor(g.shape())),
      key(
        "outInt32",
        g.maybe(0.3, () => g.bool()),
      ),
      key(
        "right",
        g.maybe(0.4, () => g.bool()),
      ),
      key(
        "side",
        g.maybe(0.1, () => g.pick(["left", "right"])),
      ),
    ];
  }),
  ...row("t", "bucketize", (g) => {
    g.use("number");
    return [
      numberOr("self", "input", g.chance(0.2) ? g.number() : g.tensor(g.shape())),
      ["boundaries", g.tensor([g.int(0, 4)], "positive")],
      key(
        "outInt32",
        g.maybe(0.3, () => g.bool()),
      ),
      key(
        "right",
        g.maybe(0.4, () => g.bool()),
      ),
    ];
  }),
  ...row("t", "isin", (g) => {
    g.use("number");
    return [
      ["elements", g.tensor(g.shape())],
      numberOr("testElement", "testElements", g.chance(0.3) ? g.number() : g.tensor(g.shape())),
      key(
        "assumeUnique",
        g.maybe(0.1, () => false),
      ),
      key(
        "invert",
        g.maybe(0.4, () => g.bool()),
      ),
    ];
  }),
  ...row("tm", "isclose allclose", (g) => {
    g.use("any");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(g.broadcast(sizes))],
      ["rtol", g.maybe(0.4, () => g.pick([0, 0.1, 1]))],
      ["atol", g.maybe(0.4, () => g.pick([0, 0.5, 2]))],
      ["equalNan", g.maybe(0.4, () => g.bool())],
    ];
  }),
  ...row("tm", "equal", alike),
  ...row("m", "isSameSize", alike),
  ...row("m", "isSetTo", (g) => alike(g).map(([name, value]) => [name === "other" ? "tensor" : name, value])),
  ...row("tm", "isNonzero", (g) => {
    g.use("any");
    return [["input", g.tensor(g.chance(0.7) ? [] : g.shape())]];
  }),
];

/** Some index of a tensor with these sizes, and how many dimensions are left. */
function indexOf(g: Maker, sizes: readonly number[]): Value[] {
  const list: Value[] = [];
  let d = 0;
  let dots = false;
  while (d < sizes.length && list.length < 4 && g.chance(0.8)) {
    const n = sizes[d];
    const kind = g.int(0, 7);
    if (kind === 0 && n > 0) list.push(g.int(-n, n - 1));
    else if (kind === 1 && n > 0) list.push(g.index(g.pick([[], [2], [3]]), n, true));
    else if (kind === 2 && n > 0) list.push([g.int(0, n - 1), g.int(-n, n - 1)]);
    else if (kind === 3) list.push(g.tensor([n], "bool", "bool"));
    else if (kind === 4 && !dots) {
      list.push("...");
      dots = true;
      break;
    } else {
      const end = (): string => (g.chance(0.5) ? "" : String(g.int(-3, 4)));
      list.push(`${end()}:${end()}${g.chance(0.3) ? `:${g.int(1, 2)}` : ""}`);
    }
    d++;
    if (g.chance(0.1)) list.push(null);
  }
  return list.length === 0 ? ["..."] : list;
}

const bracketed: Entry[] = [
  ...row("m", "at", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    return [["input", g.tensor(sizes)], ...indexOf(g, sizes).map((index, k): Argument => [`index${k}`, index])];
  }),
  ...row("m", "setAt", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const input = g.tensor(sizes, "any", g.dtype);
    return [
      ["input", input],
      ["indices", indexOf(g, sizes)],
      ["value", g.chance(0.6) ? g.number() : g.tensor([], "any", g.dtype)],
    ];
  }),
];

const scales = (g: Maker): Argument[] => [
  key(
    "beta",
    g.maybe(0.4, () => g.number()),
  ),
  key(
    "alpha",
    g.maybe(0.4, () => g.number()),
  ),
];

const matrices: Entry[] = [
  ...row("tm", "mm", (g) => {
    g.use("number");
    const [a, b, c] = [g.int(0, 4), g.int(0, 4), g.int(0, 4)];
    return [
      ["input", g.tensor([a, b])],
      ["mat2", g.tensor([b, c])],
    ];
  }),
  ...row("tm", "bmm", (g) => {
    g.use("number");
    const [n, a, b, c] = [g.int(0, 3), g.int(0, 4), g.int(0, 4), g.int(0, 4)];
    return [
      ["input", g.tensor([n, a, b])],
      ["mat2", g.tensor([n, b, c])],
    ];
  }),
  ...row("tm", "mv", (g) => {
    g.use("number");
    const [a, b] = [g.int(0, 4), g.int(0, 4)];
    return [
      ["input", g.tensor([a, b])],
      ["vec", g.tensor([b])],
    ];
  }),
  ...row("tm", "dot", (g) => {
    g.use("number");
    const n = g.int(0, 5);
    return [
      ["input", g.tensor([n])],
      ["tensor", g.tensor([n])],
    ];
  }),
  ...row("tm", "vdot", (g) => {
    g.use("number");
    const n = g.int(0, 5);
    return [
      ["input", g.tensor([n])],
      ["other", g.tensor([n])],
    ];
  }),
  ...row("tm", "inner", (g) => {
    g.use("number");
    const n = g.int(0, 4);
    return [
      ["input", g.tensor(g.chance(0.1) ? [] : [...g.shape(0, 2), n])],
      ["other", g.tensor(g.chance(0.1) ? [] : [...g.shape(0, 2), n])],
    ];
  }),
  ...row("tm", "outer ger", (g) => {
    g.use("any");
    return [
      ["input", g.tensor([g.int(0, 4)])],
      ["vec2", g.tensor([g.int(0, 4)])],
    ];
  }),
  ...row("tm", "matmul", (g) => {
    g.use("number");
    const [a, b, c] = [g.int(1, 3), g.int(0, 3), g.int(1, 3)];
    const batch = g.shape(0, 2);
    const left = g.chance(0.25) ? [b] : [...g.broadcast(batch), a, b];
    const right = g.chance(0.25) ? [b] : [...g.broadcast(batch), b, c];
    return [
      ["input", g.tensor(left)],
      ["other", g.tensor(right)],
    ];
  }),
  ...row("tm", "addmm", (g) => {
    g.use("number");
    const [a, b, c] = [g.int(0, 3), g.int(0, 3), g.int(0, 3)];
    return [
      ["input", g.tensor(g.broadcast([a, c]))],
      ["mat1", g.tensor([a, b])],
      ["mat2", g.tensor([b, c])],
      ...scales(g),
    ];
  }),
  ...row("tm", "baddbmm", (g) => {
    g.use("number");
    const [n, a, b, c] = [g.int(0, 3), g.int(0, 3), g.int(0, 3), g.int(0, 3)];
    return [
      ["input", g.tensor(g.broadcast([n, a, c]))],
      ["batch1", g.tensor([n, a, b])],
      ["batch2", g.tensor([n, b, c])],
      ...scales(g),
    ];
  }),
  ...row("tm", "addbmm", (g) => {
    g.use("number");
    const [n, a, b, c] = [g.int(0, 3), g.int(0, 3), g.int(0, 3), g.int(0, 3)];
    return [
      ["input", g.tensor(g.broadcast([a, c]))],
      ["batch1", g.tensor([n, a, b])],
      ["batch2", g.tensor([n, b, c])],
      ...scales(g),
    ];
  }),
  ...row("tm", "addmv", (g) => {
    g.use("number");
    const [a, b] = [g.int(0, 3), g.int(0, 3)];
    return [["input", g.tensor(g.broadcast([a]))], ["mat", g.tensor([a, b])], ["vec", g.tensor([b])], ...scales(g)];
  }),
  ...row("tm", "addr", (g) => {
    g.use("any");
    const [a, b] = [g.int(0, 3), g.int(0, 3)];
    return [["input", g.tensor(g.broadcast([a, b]))], ["vec1", g.tensor([a])], ["vec2", g.tensor([b])], ...scales(g)];
  }),
  ...row("tm", "tril triu", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(2, 4))],
      ["diagonal", g.maybe(0.6, () => g.int(-3, 3))],
    ];
  }),
  ...row("tm", "diag", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(1, 2))],
      ["diagonal", g.maybe(0.6, () => g.int(-3, 3))],
    ];
  }),
  ...row("tm", "diagEmbed", (g) => {
    g.use("any");
    const sizes = g.shape(1, 2);
    return [
      ["input", g.tensor(sizes)],
      ["offset", g.maybe(0.5, () => g.int(-2, 2))],
      ["dim1", g.maybe(0.4, () => g.dim(sizes.length + 1))],
      ["dim2", g.maybe(0.4, () => g.dim(sizes.length + 1))],
    ];
  }),
  ...row("tm", "kron", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(0, 3))],
      ["other", g.tensor(g.shape(0, 3))],
    ];
  }),
  ...row("tm", "cross", (g) => {
    g.use("number");
    const sizes = g.shape(1, 3);
    const d = g.int(0, sizes.length - 1);
    sizes[d] = 3;
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(g.chance(0.7) ? sizes : sizes.map((n, k) => (k === d ? n : g.chance(0.5) ? 1 : n)))],
      ["dim", g.maybe(0.6, () => d)],
    ];
  }),
  ...row("t", "tensordot", (g) => {
    g.use("number");
    const shared = g.shape(0, 2);
    const [a, b] = [
      [...g.shape(0, 2), ...shared],
      [...shared, ...g.shape(0, 2)],
    ];
    return [
      ["a", g.tensor(a)],
      ["b", g.tensor(b)],
      [
        "dims",
        g.chance(0.6) ? shared.length : [shared.map((_, k) => a.length - shared.length + k), shared.map((_, k) => k)],
      ],
    ];
  }),
  ...row("t", "cdist", (g) => {
    g.use("float");
    const m = g.int(0, 3);
    const batch = g.chance(0.3) ? [2] : [];
    return [
      ["x1", g.tensor([...batch, g.int(0, 4), m])],
      ["x2", g.tensor([...batch, g.int(0, 4), m])],
      ["p", g.maybe(0.6, () => g.pick<Value>([0, 1, 2, 3, 0.5, { number: "inf" }]))],
    ];
  }),
  ...row("t", "einsum", (g) => {
    g.use("number");
    const size: { [letter: string]: number } = { a: g.int(0, 3), b: g.int(1, 3), c: g.int(1, 3), d: g.int(1, 2) };
    const equation = g.pick([
      "ab,bc->ac",
      "ab,bc",
      "ab,ab->",
      "ab->ba",
      "aa->a",
      "ab->b",
      "ab,b->a",
      "abc,cd->abd",
      "ab,bc,cd->ad",
      "a,b->ab",
      "ab,ac->abc",
    ]);
    const terms = equation.split("->")[0].split(",");
    return [
      ["equation", equation],
      ...terms.map((term, k): Argument => [`operand${k}`, g.tensor([...term].map((l) => size[l]))]),
    ];
  }),
];

const like: Make = (g) => {
  g.use("any");
  return [["input", g.tensor(g.shape())], dtypeOption(g)];
};

const creation: Entry[] = [
  ...row("t", "zeros ones", (g) => [["size", g.shape()], dtypeOption(g)]),
  ...row("t", "zerosLike onesLike", like),
  ...row("t", "full", (g) => [["size", g.shape()], ["fillValue", g.number()], dtypeOption(g)]),
  ...row("t", "fullLike", (g) => {
    g.use("any");
    return [["input", g.tensor(g.shape())], ["fillValue", g.number()], dtypeOption(g)];
  }),
  ...row("m", "newZeros newOnes", (g) => {
    g.use("any");
    return [["input", g.tensor(g.shape())], ["size", g.shape()], dtypeOption(g)];
  }),
  ...row("m", "newFull", (g) => {
    g.use("any");
    return [["input", g.tensor(g.shape())], ["size", g.shape()], ["fillValue", g.number()], dtypeOption(g)];
  }),
  ...row("m", "newTensor", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape())],
      ["data", g.chance(0.5) ? g.number() : [g.int(-2, 2), g.int(0, 3)]],
      dtypeOption(g),
    ];
  }),
  ...row("t", "scalarTensor", (g) => [["s", g.number()], dtypeOption(g)]),
  ...row("t", "tensor", (g) => [
    [
      "data",
      g.chance(0.3)
        ? g.number()
        : [
            [g.int(-2, 2), 0.5],
            [g.int(0, 3), g.bool()],
          ],
    ],
    dtypeOption(g),
  ]),
  ...row("t", "arange", (g) =>
    g.chance(0.4)
      ? [["end", g.chance(0.6) ? g.int(0, 6) : g.float(0, 5)], dtypeOption(g)]
      : [
          ["start", g.chance(0.6) ? g.int(-3, 2) : g.float(-3, 2)],
          ["end", g.chance(0.6) ? g.int(2, 6) : g.float(2, 6)],
          ["step", g.maybe(0.6, () => g.pick([1, 2, 0.5, 1.5]))],
          dtypeOption(g),
        ],
  ),
  ...row("t", "linspace", (g) => [
    ["start", g.float(-3, 3)],
    ["end", g.float(-3, 3)],
    ["steps", g.int(0, 9)],
    dtypeOption(g),
  ]),
  ...row("t", "logspace", (g) => [
    ["start", g.float(-2, 2)],
    ["end", g.float(-2, 2)],
    ["steps", g.int(0, 9)],
    ["base", g.maybe(0.5, () => g.pick([2, 10, 0.5]))],
    dtypeOption(g),
  ]),
  ...row("t", "eye", (g) => [["n", g.int(0, 4)], ["m", g.maybe(0.5, () => g.int(0, 4))], dtypeOption(g)]),
  ...row("t", "trilIndices triuIndices", (g) => [
    ["row", g.int(0, 4)],
    ["col", g.int(0, 4)],
    ["offset", g.maybe(0.6, () => g.int(-3, 3))],
    key(
      "dtype",
      g.maybe(0.2, () => ({ dtype: "int32" })),
    ),
  ]),
  ...row("m", "to", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape())],
      ["dtype", { dtype: g.pick(["float32", "float64", "int64", "uint8", "bool", "bfloat16"]) }],
    ];
  }),
  ...row("m", "float double half bfloat16 int long short char byte bool", one("any")),
];

/** Every function that is called. */
export const entries: readonly Entry[] = [
  ...elementwise,
  ...reductions,
  ...views,
  ...joins,
  ...indexing,
  ...bracketed,
  ...ordering,
  ...matrices,
  ...linalg,
  ...creation,
  ...network,
  ...special,
];
