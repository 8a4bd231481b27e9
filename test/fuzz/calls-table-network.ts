// The functions of nn.functional, as calls-table.ts has those of torch.

import type { Argument, Elements, Maker, Value } from "./calls-arguments";
import { dtypeOption, type Entry, key, type Make, one, row } from "./calls-rows";

const inplace = (g: Maker): Argument => ["inplace", g.maybe(0.15, () => true)];
const withNumbers =
  (names: readonly string[], kind: "float" | "number" = "float"): Make =>
  (g) => [...one(kind)(g), ...names.map((name): Argument => [name, g.maybe(0.6, () => g.number())])];

const activations: Entry[] = [
  ...row("f", "relu relu6 selu silu mish hardsigmoid hardswish", (g) => [...one("float")(g), inplace(g)]),
  ...row("f", "sigmoid tanh logsigmoid softsign tanhshrink", one("float")),
  ...row("g", "relu selu", one("float")),
  ...row("t", "selu", one("float")),
  ...row("f", "gelu", (g) => [
    ...one("float")(g),
    key(
      "approximate",
      g.maybe(0.5, () => g.pick(["none", "tanh"])),
    ),
  ]),
  ...row("fg", "leakyRelu", withNumbers(["negativeSlope"])),
  ...row("fg", "elu celu", withNumbers(["alpha"])),
  ...row("t", "celu", withNumbers(["alpha"])),
  ...row("f", "softplus", withNumbers(["beta", "threshold"])),
  ...row("f", "softshrink hardshrink", (g) => [
    ...one("float")(g),
    ["lambd", g.maybe(0.6, () => g.pick([0, 0.5, 1, 2]))],
  ]),
  ...row("fg", "hardtanh", (g) => [
    ...one("number")(g),
    ["minVal", g.maybe(0.6, () => g.pick([-1, -0.5, 0]))],
    ["maxVal", g.maybe(0.6, () => g.pick([1, 0.5, 2]))],
  ]),
  ...row("fg", "threshold", (g) => [...one("number")(g), ["threshold", g.number()], ["value", g.number()]]),
  ...row("t", "threshold", (g) => [...one("number")(g), ["threshold", g.number()], ["value", g.number()]]),
  ...row("f", "rrelu", withNumbers(["lower", "upper"])),
  ...row("f", "softmax logSoftmax softmin", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [["input", g.tensor(sizes)], ["dim", g.dim(sizes.length)], key("dtype", dtypeOption(g)[1])];
  }),
  ...row("f", "glu", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3).map((n) => (g.chance(0.7) ? 2 * n : n));
    return [
      ["input", g.tensor(sizes)],
      ["dim", g.maybe(0.6, () => g.dim(sizes.length))],
    ];
  }),
  ...row("ft", "prelu", (g) => {
    g.use("float");
    const sizes = g.shape(0, 3);
    return [
      ["input", g.tensor(sizes)],
      ["weight", g.tensor([g.chance(0.5) ? 1 : (sizes[1] ?? 1)])],
    ];
  }),
];

const reduction = (g: Maker): Argument =>
  key(
    "reduction",
    g.maybe(0.6, () => g.pick(["none", "mean", "sum"])),
  );

/** A loss of tensors of one shape, with options. */
const loss =
  (
    elements: readonly [Elements, Elements],
    options: (g: Maker, sizes: number[]) => Argument[] = () => [],
    names = ["input", "target"],
  ): Make =>
  (g) => {
    g.use("float");
    const sizes = g.shape(0, 3);
    return [
      [names[0], g.tensor(sizes, elements[0])],
      [names[1], g.tensor(g.chance(0.9) ? sizes : g.broadcast(sizes), elements[1])],
      ...options(g, sizes),
      reduction(g),
    ];
  };

const classes = (g: Maker): { input: { tensor: number }; target: { tensor: number }; count: number } => {
  g.use("float");
  const count = g.int(1, 4);
  const lead = g.chance(0.15) ? [] : [g.int(1, 3)];
  const rest = lead.length > 0 && g.chance(0.3) ? [g.int(1, 2)] : [];
  const input = g.tensor([...lead, count, ...rest]);
  return { input, target: g.tensor([...lead, ...rest], { below: count }, "int64"), count };
};

const losses: Entry[] = [
  ...row("f", "mseLoss l1Loss", loss(["any", "any"])),
  ...row(
    "f",
    "smoothL1Loss",
    loss(["any", "any"], (g) => [
      key(
        "beta",
        g.maybe(0.5, () => g.pick([0, 0.5, 1, 2])),
      ),
    ]),
  ),
  ...row(
    "f",
    "huberLoss",
    loss(["any", "any"], (g) => [
      key(
        "delta",
        g.maybe(0.5, () => g.pick([0.5, 1, 2])),
      ),
    ]),
  ),
  ...row("f", "softMarginLoss", loss(["any", "sign"])),
  ...row(
    "f",
    "hingeEmbeddingLoss",
    loss(["any", "sign"], (g) => [["margin", g.maybe(0.5, () => g.pick([1, 0.5, 2]))]]),
  ),
  ...row(
    "f",
    "binaryCrossEntropy",
    loss(["unit", "unit"], (g, sizes) => [["weight", g.maybe(0.3, () => g.tensor(g.broadcast(sizes), "positive"))]]),
  ),
  ...row(
    "f",
    "binaryCrossEntropyWithLogits",
    loss(["any", "unit"], (g, sizes) => [
      ["weight", g.maybe(0.3, () => g.tensor(g.broadcast(sizes), "positive"))],
      key(
        "posWeight",
        g.maybe(0.3, () => g.tensor(g.broadcast(sizes), "positive")),
      ),
    ]),
  ),
  ...row("f", "klDiv", (g) => {
    g.use("float");
    const sizes = g.shape(0, 3);
    return [
      ["input", g.tensor(sizes)],
      ["target", g.tensor(sizes, "unit")],
      key("reduction", g.pick(["none", "mean", "sum", "batchmean"])),
      key(
        "logTarget",
        g.maybe(0.4, () => g.bool()),
      ),
    ];
  }),
  ...row(
    "f",
    "poissonNllLoss",
    loss(["any", "positive"], (g) => [
      ["logInput", g.maybe(0.5, () => g.bool())],
      ["full", g.maybe(0.4, () => g.bool())],
    ]),
  ),
  ...row("f", "gaussianNllLoss", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [
      ["input", g.tensor(sizes)],
      ["target", g.tensor(sizes)],
      [
        "var",
        g.tensor(g.chance(0.7) ? sizes : g.chance(0.5) ? sizes.slice(0, -1) : [...sizes.slice(0, -1), 1], "positive"),
      ],
      ["full", g.maybe(0.4, () => g.bool())],
      key(
        "eps",
        g.maybe(0.3, () => 0.5),
      ),
      reduction(g),
    ];
  }),
  ...row("f", "nllLoss", (g) => {
    const { input, target, count } = classes(g);
    return [
      ["input", input],
      ["target", target],
      ["weight", g.maybe(0.3, () => g.tensor([count], "positive"))],
      key(
        "ignoreIndex",
        g.maybe(0.3, () => g.int(0, 2)),
      ),
      reduction(g),
    ];
  }),
  ...row("f", "crossEntropy", (g) => {
    const { input, target, count } = classes(g);
    return [
      ["input", input],
      ["target", target],
      ["weight", g.maybe(0.3, () => g.tensor([count], "positive"))],
      key(
        "ignoreIndex",
        g.maybe(0.3, () => g.int(0, 2)),
      ),
      reduction(g),
      key(
        "labelSmoothing",
        g.maybe(0.3, () => 0.25),
      ),
    ];
  }),
  ...row("f", "crossEntropy", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [["input", g.tensor(sizes)], ["target", g.tensor(sizes, "unit")], reduction(g)];
  }),
  ...row("f", "multiMarginLoss", (g) => {
    g.use("float");
    const count = g.int(1, 4);
    const lead = g.chance(0.2) ? [] : [g.int(1, 3)];
    return [
      ["input", g.tensor([...lead, count])],
      ["target", g.tensor(lead, { below: count }, "int64")],
      ["p", g.maybe(0.4, () => g.int(1, 2))],
      ["margin", g.maybe(0.4, () => g.pick([0.5, 1, 2]))],
      ["weight", g.maybe(0.3, () => g.tensor([count], "positive", undefined, true))],
      reduction(g),
    ];
  }),
  ...row("f", "multilabelMarginLoss", (g) => {
    g.use("float");
    const count = g.int(1, 4);
    const sizes = [...(g.chance(0.2) ? [] : [g.int(1, 3)]), count];
    return [["input", g.tensor(sizes)], ["target", g.tensor(sizes, { from: -1, below: count }, "int64")], reduction(g)];
  }),
  ...row(
    "f",
    "multilabelSoftMarginLoss",
    loss(["any", "bool"], (g, sizes) => [["weight", g.maybe(0.3, () => g.tensor(sizes.slice(-1), "positive"))]]),
  ),
  ...row("f", "marginRankingLoss", (g) => {
    g.use("float");
    const sizes = g.shape(1, 2);
    return [
      ["input1", g.tensor(sizes)],
      ["input2", g.tensor(sizes)],
      ["target", g.tensor(sizes, "sign")],
      ["margin", g.maybe(0.5, () => g.pick([0.5, 1]))],
      reduction(g),
    ];
  }),
  ...row("f", "cosineEmbeddingLoss", (g) => {
    g.use("float");
    const lead = g.chance(0.2) ? [] : [g.int(1, 3)];
    const sizes = [...lead, g.int(1, 3)];
    return [
      ["input1", g.tensor(sizes)],
      ["input2", g.tensor(sizes)],
      ["target", g.tensor(lead, "sign")],
      ["margin", g.maybe(0.5, () => 0.5)],
      reduction(g),
    ];
  }),
  ...row("f", "tripletMarginLoss", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [
      ["anchor", g.tensor(sizes)],
      ["positive", g.tensor(sizes)],
      ["negative", g.tensor(sizes)],
      ["margin", g.maybe(0.4, () => g.pick([0.5, 2]))],
      ["p", g.maybe(0.4, () => g.pick([1, 2, 3]))],
      ["eps", undefined],
      ["swap", g.maybe(0.4, () => g.bool())],
      reduction(g),
    ];
  }),
  ...row("f", "tripletMarginWithDistanceLoss", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [
      ["anchor", g.tensor(sizes)],
      ["positive", g.tensor(sizes)],
      ["negative", g.tensor(sizes)],
      key(
        "margin",
        g.maybe(0.4, () => g.pick([0.5, 2])),
      ),
      key(
        "swap",
        g.maybe(0.4, () => g.bool()),
      ),
      reduction(g),
    ];
  }),
  ...row("f", "ctcLoss", (g) => {
    g.dtype = g.pick(["float32", "float64"]);
    const [t, n, c] = [g.int(2, 5), g.int(1, 3), g.int(2, 4)];
    const s = g.int(1, 3);
    return [
      ["logProbs", g.tensor([t, n, c], "any", undefined, true)],
      ["targets", g.tensor([n, s], { from: 1, below: c }, "int64")],
      ["inputLengths", g.tensor([n], { from: 1, below: t + 1 }, "int64")],
      ["targetLengths", g.tensor([n], { from: 0, below: s + 1 }, "int64")],
      ["blank", undefined],
      reduction(g),
      key(
        "zeroInfinity",
        g.maybe(0.5, () => g.bool()),
      ),
    ];
  }),
];

/** One number for all spatial dimensions, or one for each. */
const spatial = (g: Maker, s: number, low: number, high: number): Value =>
  g.chance(0.6) ? g.int(low, high) : Array.from({ length: s }, () => g.int(low, high));

const image = (g: Maker, s: number, channels: number, least = 3): number[] => [
  ...(g.chance(0.15) ? [] : [g.chance(0.05) ? 0 : g.int(1, 2)]),
  channels,
  ...Array.from({ length: s }, () => g.int(least, s === 3 ? 4 : 6)),
];

const convolution =
  (s: number, transposed: boolean): Make =>
  (g) => {
    g.use("float");
    const groups = g.chance(0.2) ? 2 : 1;
    const [inputs, outputs] = [groups * g.int(1, 2), groups * g.int(1, 2)];
    const weight = transposed ? [inputs, outputs / groups] : [outputs, inputs / groups];
    const kernel = Array.from({ length: s }, () => g.int(1, 3));
    const args: Argument[] = [
      ["input", g.tensor(image(g, s, inputs))],
      ["weight", g.tensor([...weight, ...kernel])],
      ["bias", g.maybe(0.6, () => g.tensor([outputs]))],
      ["stride", g.maybe(0.5, () => spatial(g, s, 1, 2))],
      ["padding", g.maybe(0.5, () => (!transposed && g.chance(0.2) ? g.pick(["same", "valid"]) : spatial(g, s, 0, 1)))],
    ];
    if (transposed)
      args.push(
        ["outputPadding", g.maybe(0.2, () => spatial(g, s, 0, 1))],
        ["groups", groups],
        ["dilation", g.maybe(0.3, () => spatial(g, s, 1, 2))],
      );
    else args.push(["dilation", g.maybe(0.3, () => spatial(g, s, 1, 2))], ["groups", groups]);
    return args;
  };

const pooling =
  (s: number, kind: "max" | "avg" | "lp", indices = true): Make =>
  (g) => {
    g.use("float");
    const args: Argument[] = [["input", g.tensor(image(g, s, g.int(1, 2)))]];
    if (kind === "lp") args.push(["normType", g.pick([1, 2, 3])]);
    args.push(["kernelSize", spatial(g, s, 1, 3)], ["stride", g.maybe(0.5, () => spatial(g, s, 1, 2))]);
    if (kind !== "lp") args.push(["padding", g.maybe(0.4, () => spatial(g, s, 0, 1))]);
    if (kind === "max") args.push(["dilation", g.maybe(0.3, () => spatial(g, s, 1, 2))]);
    args.push(["ceilMode", g.maybe(0.4, () => g.bool())]);
    if (kind === "max" && indices)
      args.push(
        key(
          "returnIndices",
          g.maybe(0.4, () => g.bool()),
        ),
      );
    if (kind === "avg") args.push(["countIncludePad", g.maybe(0.4, () => g.bool())]);
    if (kind === "avg" && s > 1) args.push(["divisorOverride", g.maybe(0.3, () => g.int(1, 5))]);
    return args;
  };

const adaptive =
  (s: number, maxima: boolean): Make =>
  (g) => {
    g.use("float");
    const args: Argument[] = [
      ["input", g.tensor(image(g, s, g.int(1, 2)))],
      [
        "outputSize",
        s > 1 && g.chance(0.2)
          ? Array.from({ length: s }, () => (g.chance(0.4) ? null : g.int(1, 3)))
          : spatial(g, s, 1, 4),
      ],
    ];
    if (maxima) args.push(["returnIndices", g.maybe(0.4, () => g.bool())]);
    return args;
  };

const windows: Entry[] = [1, 2, 3].flatMap((s) => [
  ...row("tf", `conv${s}d`, convolution(s, false)),
  ...row("tf", `convTranspose${s}d`, convolution(s, true)),
  ...row("f", `maxPool${s}d`, pooling(s, "max")),
  ...row("t", `maxPool${s}d`, pooling(s, "max", false)),
  ...row(s === 1 ? "tf" : "f", `avgPool${s}d`, pooling(s, "avg")),
  ...(s < 3 ? row("f", `lpPool${s}d`, pooling(s, "lp")) : []),
  ...row(s === 1 ? "tf" : "f", `adaptiveAvgPool${s}d`, adaptive(s, false)),
  ...row("f", `adaptiveMaxPool${s}d`, adaptive(s, true)),
  ...(s === 1 ? row("t", "adaptiveMaxPool1d", adaptive(1, false)) : []),
  ...row("f", `maxUnpool${s}d`, (g) => {
    g.use("float");
    const sizes = [1, 1, ...Array.from({ length: s }, () => g.int(1, 2))];
    const places = 2 ** s * sizes.slice(2).reduce((n, k) => n * k, 1);
    const count = sizes.reduce((n, k) => n * k, 1);
    const indices = g.tensor(sizes, { below: places }, "int64", true);
    g.tensors[indices.tensor].data = g.shuffled(Array.from({ length: places }, (_, k) => k)).slice(0, count);
    return [
      ["input", g.tensor(sizes)],
      ["indices", indices],
      ["kernelSize", 2],
      ["stride", g.maybe(0.3, () => 2)],
    ];
  }),
]);

const norms: Entry[] = [
  ...row("f", "batchNorm", (g) => {
    g.use("float");
    const c = g.int(1, 3);
    const sizes = [g.chance(0.1) ? 0 : g.int(1, 3), c, ...g.shape(0, 2)];
    const training = g.bool();
    const some = training ? 0.7 : 1;
    const running = g.chance(some);
    return [
      ["input", g.tensor(sizes)],
      ["runningMean", running ? g.tensor([c], "any", g.dtype, true) : null],
      ["runningVar", running ? g.tensor([c], "positive", g.dtype, true) : null],
      ["weight", g.maybe(0.6, () => g.tensor([c], "any", g.dtype))],
      ["bias", g.maybe(0.6, () => g.tensor([c], "any", g.dtype))],
      ["training", training],
      ["momentum", g.maybe(0.4, () => g.pick([0.5, 0.1, 0]))],
      ["eps", g.maybe(0.3, () => 0.5)],
    ];
  }),
  ...row("f", "instanceNorm", (g) => {
    g.use("float");
    const c = g.int(1, 3);
    const sizes = [g.int(1, 3), c, ...g.shape(1, 2)];
    const own = g.bool();
    const running = g.chance(own ? 0.5 : 1);
    return [
      ["input", g.tensor(sizes)],
      ["runningMean", running ? g.tensor([c], "any", g.dtype, true) : null],
      ["runningVar", running ? g.tensor([c], "positive", g.dtype, true) : null],
      ["weight", g.maybe(0.5, () => g.tensor([c], "any", g.dtype))],
      ["bias", g.maybe(0.5, () => g.tensor([c], "any", g.dtype))],
      ["useInputStats", own],
      ["momentum", g.maybe(0.4, () => 0.5)],
    ];
  }),
  ...row("tf", "layerNorm", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    const shape = sizes.slice(g.int(0, sizes.length - 1));
    return [
      ["input", g.tensor(sizes)],
      ["normalizedShape", shape],
      ["weight", g.maybe(0.5, () => g.tensor(shape, "any", g.dtype))],
      ["bias", g.maybe(0.5, () => g.tensor(shape, "any", g.dtype))],
      ["eps", g.maybe(0.3, () => 0.5)],
    ];
  }),
  ...row("tf", "groupNorm", (g) => {
    g.use("float");
    const groups = g.int(1, 2);
    const c = groups * g.int(1, 2);
    return [
      ["input", g.tensor([g.int(1, 3), c, ...g.shape(0, 2)])],
      ["numGroups", groups],
      ["weight", g.maybe(0.5, () => g.tensor([c], "any", g.dtype))],
      ["bias", g.maybe(0.5, () => g.tensor([c], "any", g.dtype))],
      ["eps", g.maybe(0.3, () => 0.5)],
    ];
  }),
  ...row("f", "localResponseNorm", (g) => {
    g.use("float");
    return [
      ["input", g.tensor(g.shape(3, 4))],
      ["size", g.int(1, 3)],
      ["alpha", g.maybe(0.4, () => 0.5)],
      ["beta", g.maybe(0.4, () => 0.5)],
      ["k", g.maybe(0.4, () => 2)],
    ];
  }),
  ...row("f", "normalize", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [
      ["input", g.tensor(sizes)],
      ["p", g.maybe(0.5, () => g.pick<Value>([1, 2, 3, { number: "inf" }]))],
      ["dim", g.dim(sizes.length)],
      ["eps", g.maybe(0.3, () => 0.5)],
    ];
  }),
];

const ROW: Make = (g) => {
  g.use("float");
  const [a, b] = g.pair(false);
  return [
    ["x1", a],
    ["x2", b],
  ];
};

const rest: Entry[] = [
  ...row("f", "linear", (g) => {
    g.use("float");
    const [inputs, outputs] = [g.int(0, 4), g.int(1, 3)];
    return [
      ["input", g.tensor([...g.shape(0, 2), inputs])],
      ["weight", g.tensor(g.chance(0.9) ? [outputs, inputs] : [inputs])],
      ["bias", g.maybe(0.6, () => g.tensor([outputs]))],
    ];
  }),
  ...row("f", "bilinear", (g) => {
    g.use("float");
    const [a, b, out] = [g.int(1, 3), g.int(1, 3), g.int(1, 3)];
    const lead = g.shape(1, 2);
    return [
      ["input1", g.tensor([...lead, a])],
      ["input2", g.tensor([...lead, b])],
      ["weight", g.tensor([out, a, b])],
      ["bias", g.maybe(0.5, () => g.tensor([out]))],
    ];
  }),
  ...row("tf", "cosineSimilarity", (g) => [
    ...ROW(g),
    ["dim", g.maybe(0.6, () => g.int(-1, 1))],
    ["eps", g.maybe(0.3, () => 0.1)],
  ]),
  ...row("tf", "pairwiseDistance", (g) => [
    ...ROW(g),
    ["p", g.maybe(0.5, () => g.pick([1, 2, 3]))],
    ["eps", g.maybe(0.3, () => 0.1)],
    ["keepdim", g.maybe(0.4, () => g.bool())],
  ]),
  ...row("tf", "pdist", (g) => {
    g.use("float");
    return [
      ["input", g.tensor([g.int(1, 4), g.int(1, 3)])],
      ["p", g.maybe(0.6, () => g.pick<Value>([0, 1, 2, 3, { number: "inf" }]))],
    ];
  }),
  ...row("f", "embedding", (g) => {
    g.use("float");
    const n = g.int(1, 5);
    return [
      ["input", g.tensor(g.shape(0, 2), { below: n }, g.pick(["int64", "int32"]))],
      ["weight", g.tensor([n, g.int(0, 3)])],
      ["paddingIdx", g.maybe(0.4, () => g.int(-n, n - 1))],
      ["maxNorm", undefined],
      ["normType", undefined],
      ["scaleGradByFreq", g.maybe(0.3, () => g.bool())],
    ];
  }),
  ...row("f", "embeddingBag", (g) => {
    g.dtype = g.pick(["float32", "float64"]);
    const n = g.int(1, 5);
    const flat = g.bool();
    const mode = g.pick(["sum", "mean", "max"]);
    const input = flat ? [g.int(0, 5)] : [g.int(0, 3), g.int(1, 3)];
    const offsets = (): Value => {
      const made = g.tensor([2], { below: 1 }, "int64");
      g.tensors[made.tensor].data = [0, g.int(0, input[0])];
      if (g.tensors[made.tensor].layout?.kind === "expand") g.tensors[made.tensor].layout = null;
      return made;
    };
    return [
      ["input", g.tensor(input, { below: n }, "int64")],
      ["weight", g.tensor([n, g.int(1, 3)])],
      ["offsets", flat ? offsets() : undefined],
      key("mode", mode),
      key(
        "paddingIdx",
        g.maybe(0.3, () => g.int(0, n - 1)),
      ),
      key("perSampleWeights", mode === "sum" && g.chance(0.3) ? g.tensor(input) : undefined),
      key("includeLastOffset", undefined),
    ];
  }),
  ...row("f", "oneHot", (g) => [
    ["input", g.tensor(g.shape(0, 2), { below: 4 }, "int64")],
    ["numClasses", g.maybe(0.6, () => g.int(4, 6))],
  ]),
  ...row("f", "pad", (g) => {
    g.use("any");
    const mode = g.pick(["constant", "constant", "reflect", "replicate", "circular"]);
    const dims = g.int(1, 2);
    const sizes =
      mode === "constant"
        ? g.shape(dims, 4)
        : [...(g.bool() ? [g.int(1, 2)] : []), g.int(1, 2), ...Array.from({ length: dims }, () => g.int(3, 4))];
    const pad = Array.from({ length: 2 * dims }, () =>
      mode === "constant" || mode === "reflect" || mode === "replicate" ? g.int(-1, 2) : g.int(0, 2),
    );
    return [
      ["input", g.tensor(sizes)],
      ["pad", pad],
      ["mode", mode],
      ["value", mode === "constant" ? g.maybe(0.5, () => g.number()) : undefined],
    ];
  }),
  ...row("tf", "pixelShuffle", (g) => {
    g.use("any");
    const r = g.int(1, 2);
    return [
      ["input", g.tensor([...g.shape(0, 1), g.int(1, 2) * r * r, g.int(1, 3), g.int(1, 3)])],
      ["upscaleFactor", r],
    ];
  }),
  ...row("tf", "pixelUnshuffle", (g) => {
    g.use("any");
    const r = g.int(1, 2);
    return [
      ["input", g.tensor([...g.shape(0, 1), g.int(1, 2), g.int(1, 2) * r, g.int(1, 2) * r])],
      ["downscaleFactor", r],
    ];
  }),
  ...row("tf", "channelShuffle", (g) => {
    g.use("any");
    const groups = g.int(1, 2);
    return [
      ["input", g.tensor([g.int(1, 2), groups * g.int(1, 2), ...g.shape(1, 2)])],
      ["groups", groups],
    ];
  }),
  ...row("f", "interpolate", (g) => {
    g.use("float");
    const mode = g.pick(["nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"]);
    const s = mode === "linear" ? 1 : mode === "trilinear" ? 3 : mode.startsWith("bi") ? 2 : g.int(1, 3);
    const bySize = g.bool();
    const smooth = /linear|cubic/.test(mode);
    return [
      ["input", g.tensor([1, g.int(1, 2), ...Array.from({ length: s }, () => g.int(1, 4))])],
      ["size", bySize ? spatial(g, s, 1, 6) : undefined],
      ["scaleFactor", bySize ? undefined : g.pick([2, 0.5, 1.5, 1])],
      ["mode", mode],
      ["alignCorners", smooth ? g.maybe(0.5, () => g.bool()) : undefined],
    ];
  }),
  ...row("f", "upsampleNearest upsampleBilinear", (g) => {
    g.use("float");
    const bySize = g.bool();
    return [
      ["input", g.tensor([1, g.int(1, 2), g.int(1, 4), g.int(1, 4)])],
      ["size", bySize ? spatial(g, 2, 1, 6) : undefined],
      ["scaleFactor", bySize ? undefined : g.int(1, 3)],
    ];
  }),
  ...row("f", "upsample", (g) => {
    g.use("float");
    return [
      ["input", g.tensor([1, g.int(1, 2), g.int(1, 4), g.int(1, 4)])],
      ["size", spatial(g, 2, 1, 6)],
      ["scaleFactor", undefined],
      ["mode", g.pick(["nearest", "bilinear"])],
    ];
  }),
  ...row("f", "gridSample", (g) => {
    g.dtype = g.pick(["float32", "float64"]);
    const s = g.chance(0.8) ? 2 : 3;
    const n = g.int(1, 2);
    return [
      ["input", g.tensor([n, g.int(1, 2), ...Array.from({ length: s }, () => g.int(1, 4))])],
      ["grid", g.tensor([n, ...Array.from({ length: s }, () => g.int(1, 3)), s])],
      ["mode", g.maybe(0.5, () => g.pick(["bilinear", "nearest"]))],
      ["paddingMode", g.maybe(0.5, () => g.pick(["zeros", "border", "reflection"]))],
      ["alignCorners", g.bool()],
    ];
  }),
  ...row("f", "affineGrid", (g) => {
    g.dtype = g.pick(["float32", "float64"]);
    const s = g.int(2, 3);
    const n = g.int(1, 2);
    return [
      ["theta", g.tensor([n, s, s + 1])],
      ["size", [n, 1, ...Array.from({ length: s }, () => g.int(1, 3))]],
      ["alignCorners", g.bool()],
    ];
  }),
  ...row("f", "unfold", (g) => {
    g.use("float");
    return [
      ["input", g.tensor(image(g, 2, g.int(1, 2)))],
      ["kernelSize", spatial(g, 2, 1, 3)],
      ["dilation", g.maybe(0.3, () => spatial(g, 2, 1, 2))],
      ["padding", g.maybe(0.4, () => spatial(g, 2, 0, 1))],
      ["stride", g.maybe(0.4, () => spatial(g, 2, 1, 2))],
    ];
  }),
  ...row("f", "fold", (g) => {
    g.use("float");
    const [h, w] = [g.int(2, 4), g.int(2, 4)];
    return [
      ["input", g.tensor([...(g.bool() ? [g.int(1, 2)] : []), 4 * g.int(1, 2), (h - 1) * (w - 1)])],
      ["outputSize", [h, w]],
      ["kernelSize", 2],
    ];
  }),
];

/** The functions of nn.functional. */
export const network: readonly Entry[] = [...activations, ...losses, ...windows, ...norms, ...rest];
