// Calls of torch.special, of functions composed of others, and of in-place forms of functions that are no elementwise rows.

import type { Maker, Value } from "./calls-arguments";
import { type Entry, key, type Make, one, row } from "./calls-rows";

/** Two floats of the same or of shapes that broadcast; numbers among them where `scalars`. */
const floats =
  (scalars: boolean, elements: "any" | "positive" = "any", names: [string, string] = ["input", "other"]): Make =>
  (g) => {
    g.use("float");
    const sizes = g.shape();
    const second: Value =
      scalars && g.chance(0.2) ? g.pick([0.5, 1, 2, 2.5, 4]) : g.tensor(g.broadcast(sizes), elements);
    return [
      [names[0], g.tensor(sizes, elements)],
      [names[1], second],
    ];
  };

/** A tensor and a small degree. */
const ofDegree: Make = (g) => {
  g.use("float");
  const sizes = g.shape();
  const degree: Value = g.chance(0.5) ? g.int(-1, 12) : g.tensor(g.broadcast(sizes), { from: -1, below: 12 }, "int64");
  return [
    ["input", g.tensor(sizes, "any")],
    ["n", degree],
  ];
};

const unit: Make = (g) => {
  g.use("float");
  return [["input", g.tensor(g.shape(), g.chance(0.7) ? "unit" : "any")]];
};

/** Factors of a product with an added tensor. */
const factors = (g: Maker) => [
  key(
    "beta",
    g.maybe(0.3, () => g.number()),
  ),
  key(
    "alpha",
    g.maybe(0.3, () => g.number()),
  ),
];

const product =
  (names: [string, string], shapes: (i: number, k: number, j: number) => [number[], number[], number[]]): Make =>
  (g) => {
    g.use("number");
    const [i, k, j] = [g.int(1, 4), g.int(1, 4), g.int(1, 4)];
    const [first, second, result] = shapes(i, k, j);
    return [
      ["input", g.tensor(g.chance(0.9) ? result : g.broadcast(result))],
      [names[0], g.tensor(first)],
      [names[1], g.tensor(second)],
      ...factors(g),
    ];
  };

/** Samples along a dimension that has enough of them. */
const samples = (g: Maker, least: number): { sizes: number[]; dim: number } => {
  const sizes = g.shape(1, 3);
  const dim = g.int(0, sizes.length - 1);
  if (g.chance(0.95)) sizes[dim] = Math.max(sizes[dim], least);
  return { sizes, dim };
};

const windowed: Make = (g) => [
  ["windowLength", g.int(0, 9)],
  ["periodic", g.maybe(0.6, () => g.bool())],
  key(
    "dtype",
    g.maybe(0.3, () => ({ dtype: g.pick(["float32", "float64", "int64"]) })),
  ),
];

/** Edges of bins in rising order. */
function sorted(g: Maker): Value {
  const edges = g.tensor([g.int(1, 5)], "any", undefined, true);
  const { data } = g.tensors[edges.tensor];
  data.sort((a, b) => Number(a) - Number(b));
  return edges;
}

export const special: readonly Entry[] = [
  ...row(
    "s",
    "airyAi besselJ0 besselJ1 besselY0 besselY1 modifiedBesselI0 modifiedBesselI1 modifiedBesselK0 modifiedBesselK1 scaledModifiedBesselK0 scaledModifiedBesselK1 sphericalBesselJ0",
    one("float"),
  ),
  ...row("s", "entr erfcx i0 i0e i1 i1e logNdtr ndtr", one("float")),
  ...row("s", "digamma psi gammaln erf erfc erfinv exp2 expit expm1 log1p sinc round", one("float")),
  ...row("s", "ndtri logit", unit),
  ...row("tmi", "i0 sinc", one("float")),
  ...row("tm", "angle isreal", one("number")),
  ...row("s", "xlog1py xlogy", floats(true)),
  ...row("s", "zeta", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes, "positive")],
      ["other", g.chance(0.2) ? g.pick([1, 2.5, -1]) : g.tensor(g.broadcast(sizes))],
    ];
  }),
  ...row("s", "gammainc gammaincc", floats(false, "positive")),
  ...row("tmi", "igamma igammac", floats(false, "positive")),
  ...row(
    "s",
    "chebyshevPolynomialT chebyshevPolynomialU chebyshevPolynomialV chebyshevPolynomialW hermitePolynomialH hermitePolynomialHe laguerrePolynomialL legendrePolynomialP shiftedChebyshevPolynomialT shiftedChebyshevPolynomialU shiftedChebyshevPolynomialV shiftedChebyshevPolynomialW",
    ofDegree,
  ),
  ...row("ts", "polygamma", (g) => {
    g.use("float");
    return [
      ["n", g.int(0, 5)],
      ["input", g.tensor(g.shape())],
    ];
  }),
  ...row("mi", "polygamma", (g) => {
    g.use("float");
    return [
      ["input", g.tensor(g.shape())],
      ["n", g.int(0, 5)],
    ];
  }),
  ...row("tmi", "mvlgamma", (g) => [...one("float")(g), ["p", g.int(1, 4)]]),
  ...row("s", "multigammaln", (g) => [...one("float")(g), ["p", g.int(1, 4)]]),
  ...row("s", "softmax logSoftmax logsumexp", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.dim(sizes.length)],
    ];
  }),
  ...row("tmi", "heaviside", floats(false, "any", ["input", "values"])),
  ...row("tm", "floatPower", (g) => {
    g.use("number");
    const [a, b] = g.pair();
    return [
      ["input", a],
      ["exponent", b],
    ];
  }),
  ...row("i", "floatPower", (g) => {
    g.use("float");
    g.dtype = "float64";
    return [
      ["input", g.tensor(g.shape(), "positive")],
      ["exponent", g.number()],
    ];
  }),
  ...row("tmi", "ldexp", (g) => {
    g.use("number");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(g.broadcast(sizes), "any", g.chance(0.7) ? "int64" : undefined)],
    ];
  }),
  ...row("tm", "frexp", one("float")),
  ...row("t", "gradient", (g) => {
    g.use("number");
    const { sizes, dim } = samples(g, 3);
    const along = g.chance(0.7);
    if (!along)
      sizes.forEach((n, d) => {
        sizes[d] = Math.max(n, 3);
      });
    const coordinates = along && g.chance(0.3);
    return [
      ["input", g.tensor(sizes)],
      key(
        "spacing",
        coordinates
          ? [g.tensor([sizes[dim]], "any", "float32")]
          : g.maybe(0.4, () => (along && g.chance(0.3) ? [0.5] : g.pick([0.5, 2, 1]))),
      ),
      key("dim", along ? (g.chance(0.5) || coordinates ? [dim] : dim) : undefined),
      key(
        "edgeOrder",
        g.maybe(0.4, () => g.int(1, 2)),
      ),
    ];
  }),
  ...row("t", "trapezoid trapz cumulativeTrapezoid", (g) => {
    g.use("number");
    const { sizes, dim } = samples(g, 2);
    const x = g.chance(0.5);
    return [
      ["y", g.tensor(sizes)],
      ["x", x ? g.tensor(g.chance(0.5) ? [sizes[dim]] : sizes) : undefined],
      key("dx", x ? undefined : g.maybe(0.4, () => g.pick([0.5, 2]))),
      key("dim", dim === sizes.length - 1 && g.chance(0.5) ? undefined : dim),
    ];
  }),
  ...row("tmi", "renorm", (g) => {
    g.use("float");
    const sizes = g.shape(2, 4);
    return [
      ["input", g.tensor(sizes)],
      ["p", g.pick([1, 2, 3, 1.5, { number: "inf" }])],
      ["dim", g.dim(sizes.length)],
      ["maxnorm", g.pick([0.5, 1, 2, 5])],
    ];
  }),
  ...row(
    "i",
    "addmm",
    product(["mat1", "mat2"], (i, k, j) => [
      [i, k],
      [k, j],
      [i, j],
    ]),
  ),
  ...row(
    "i",
    "addmv",
    product(["mat", "vec"], (i, k) => [[i, k], [k], [i]]),
  ),
  ...row(
    "i",
    "addr",
    product(["vec1", "vec2"], (i, _, j) => [[i], [j], [i, j]]),
  ),
  ...row(
    "i",
    "addbmm",
    product(["batch1", "batch2"], (i, k, j) => [
      [2, i, k],
      [2, k, j],
      [i, j],
    ]),
  ),
  ...row(
    "i",
    "baddbmm",
    product(["batch1", "batch2"], (i, k, j) => [
      [2, i, k],
      [2, k, j],
      [2, i, j],
    ]),
  ),
  ...row("i", "tril triu", (g) => {
    g.use("any");
    return [
      ["input", g.tensor(g.shape(2, 4))],
      ["diagonal", g.maybe(0.5, () => g.int(-3, 3))],
    ];
  }),
  ...row("i", "asStrided", (g) => {
    g.use("any");
    return [
      ["input", g.tensor([4, 4], "any", undefined, true)],
      ["size", [2, g.int(0, 3)]],
      ["stride", [g.int(0, 3), g.int(0, 2)]],
      ["storageOffset", g.maybe(0.5, () => g.int(0, 4))],
    ];
  }),
  ...row("t", "concatenate", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    const dim = g.int(0, sizes.length - 1);
    const part = () => g.tensor(sizes.map((n, d) => (d === dim ? g.int(1, 3) : n)));
    return [
      ["tensors", [part(), part()]],
      ["dim", dim === 0 ? undefined : dim],
    ];
  }),
  ...row("tm", "adjoint", (g) => {
    g.use("any");
    return [["input", g.tensor(g.shape(1, 4))]];
  }),
  ...row("tm", "isConj isNeg", one("any")),
  ...row("tm", "diagflat", (g) => [...one("any", 0, 3)(g), ["offset", g.maybe(0.5, () => g.int(-2, 2))]]),
  ...row("t", "vander", (g) => [
    ["x", one("number", 1, 1)(g)[0][1]],
    ["N", g.maybe(0.6, () => g.int(0, 5))],
    ["increasing", g.maybe(0.4, () => g.bool())],
  ]),
  ...row("t", "range", (g) => [
    ["start", g.chance(0.6) ? g.int(-3, 2) : g.float(-3, 2)],
    ["end", g.chance(0.6) ? g.int(2, 6) : g.float(2, 6)],
    ["step", g.maybe(0.6, () => g.pick([1, 2, 0.5, 1.5]))],
  ]),
  ...row("t", "bartlettWindow blackmanWindow hannWindow", windowed),
  ...row("t", "hammingWindow", (g) => [
    ["windowLength", g.int(0, 9)],
    ["periodic", g.bool()],
    ["alpha", g.pick([0.5, 0.3, 0.54])],
    ["beta", g.maybe(0.5, () => g.pick([0.46, 1]))],
  ]),
  ...row("t", "kaiserWindow", (g) => [
    ["windowLength", g.int(0, 9)],
    ["periodic", g.bool()],
    ["beta", g.pick([0.5, 3, 12])],
  ]),
  ...row("tm", "unsafeChunk", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    return [
      ["input", g.tensor(sizes)],
      ["chunks", g.int(1, 4)],
      ["dim", g.maybe(0.5, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "unsafeSplit", (g) => {
    g.use("any");
    const sizes = g.shape(1, 3);
    return [
      ["tensor", g.tensor(sizes)],
      ["splitSize", g.int(1, 4)],
      ["dim", g.maybe(0.5, () => g.dim(sizes.length))],
    ];
  }),
  ...row("tm", "histogram", (g) => {
    g.use("float");
    const sizes = g.shape();
    const weight = g.chance(0.4);
    const edges = g.chance(0.4);
    return [
      ["input", g.tensor(sizes)],
      ["bins", edges ? sorted(g) : g.int(1, 5)],
      key("range", !edges && g.chance(0.4) ? [-2, g.pick([-2, 1, 3])] : undefined),
      key("weight", weight ? g.tensor(sizes) : undefined),
      key(
        "density",
        g.maybe(0.3, () => g.bool()),
      ),
    ];
  }),
];
