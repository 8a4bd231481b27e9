// Layers of random models: each makes its modules once, and says how a tensor goes through them.

import type { ModelWriter } from "./models";
import type { Value } from "./statements";

/** A layer: its modules by name, and the statements of a forward pass; `forward` gives the name of the result. */
export interface Layer {
  modules: string[];
  forward(x: string): string;
}

/** Makes a layer for the tensor `x`; null where none fits. */
type Maker = (w: ModelWriter, x: string) => Layer | null;

const v = (variable: string): Value => ({ variable });

/** A layer of one module. */
function single(w: ModelWriter, name: string, args: readonly Value[], named?: Record<string, Value>): Layer {
  const module = w.make("m", "nn", `new ${name}`, args, named);
  return { modules: [module], forward: (x) => w.make("h", module, "()", [v(x)]) };
}

const activation: Maker = (w) => {
  const [name, ...args] = w.random.pick<[string, ...Value[]]>([
    ["ReLU"],
    ["Tanh"],
    ["GELU"],
    ["Sigmoid"],
    ["SiLU"],
    ["ELU"],
    ["Softplus"],
    ["Mish"],
    ["LeakyReLU", 0.1],
    ["PReLU"],
    ["Hardswish"],
    ["SELU"],
    ["CELU"],
    ["Softsign"],
    ["LogSigmoid"],
    ["Tanhshrink"],
    ["RReLU"],
    ["Hardtanh", -0.5, 0.5],
    ["Softmax", -1],
    ["AlphaDropout", 0.3],
  ]);
  return single(
    w,
    name,
    args,
    w.random.chance(20) && /^(?:ReLU|SiLU|ELU|LeakyReLU)$/.test(name) ? { inplace: false } : undefined,
  );
};

const dropout: Maker = (w) => single(w, "Dropout", [w.random.pick([0.2, 0.5])]);

const linear: Maker = (w, x) =>
  single(
    w,
    "Linear",
    [w.sizes(x).at(-1) ?? 1, 2 + w.random.below(3)],
    w.random.chance(25) ? { bias: false } : undefined,
  );

const residual: Maker = (w, x) => {
  const n = w.sizes(x).at(-1) ?? 1;
  const module = w.make("m", "nn", "new Linear", [n, n]);
  const call = w.random.pick(["tanh", "relu", "sigmoid"]);
  // Written over what backward of the activation has saved: both sides refuse.
  const inPlace = w.random.chance(8);
  return {
    modules: [module],
    forward(from) {
      const h = w.make("h", w.make("h", module, "()", [v(from)]), call);
      if (!inPlace) return w.make("h", h, "add", [v(from)]);
      w.add({ out: [], on: h, call: "add_", args: [v(from)] });
      return h;
    },
  };
};

/** Two ways that come together again. */
const fork: Maker = (w, x) => {
  const n = w.sizes(x).at(-1) ?? 1;
  const [a, b] = [w.make("m", "nn", "new Linear", [n, 2]), w.make("m", "nn", "new Linear", [n, 2])];
  const join = w.random.pick(["add", "mul", "cat", "sub", "stack"]);
  return {
    modules: [a, b],
    forward(from) {
      const p = w.make("h", a, "()", [v(from)]);
      const q = w.make("h", b, "()", [v(from)]);
      if (join === "cat") return w.make("h", "torch", "cat", [[v(p), v(q)], -1]);
      if (join === "stack") return w.make("h", w.make("h", "torch", "stack", [[v(p), v(q)]]), "mean", [0]);
      return w.make("h", p, join, [v(q)]);
    },
  };
};

const sequential: Maker = (w, x) => {
  const n = w.sizes(x).at(-1) ?? 1;
  const parts = [
    w.make("m", "nn", "new Linear", [n, 3]),
    w.make("m", "nn", `new ${w.random.pick(["ReLU", "Tanh", "GELU"])}`),
    w.make("m", "nn", "new Linear", [3, n]),
  ];
  const module = w.make("m", "nn", "new Sequential", parts.map(v));
  return { modules: [module], forward: (from) => w.make("h", module, "()", [v(from)]) };
};

const layerNorm: Maker = (w, x) => {
  const n = w.sizes(x).at(-1) ?? 1;
  return n < 3 ? null : single(w, "LayerNorm", [w.random.chance(50) ? n : [n]]);
};

const twice: Maker = (w, x) => {
  const n = w.sizes(x).at(-1) ?? 1;
  const module = w.make("m", "nn", "new Linear", [n, n]);
  return {
    modules: [module],
    forward: (from) => w.make("h", module, "()", [v(w.make("h", w.make("h", module, "()", [v(from)]), "tanh"))]),
  };
};

const batchNorm =
  (dims: 1 | 2): Maker =>
  (w, x) => {
    const options = w.random.pick<Record<string, Value> | undefined>([
      undefined,
      { affine: false },
      { momentum: null },
      { trackRunningStats: false },
      { momentum: 0.3 },
    ]);
    return single(w, `BatchNorm${dims}d`, [w.sizes(x)[1]], options);
  };

const convolution: Maker = (w, x) => {
  const sizes = w.sizes(x);
  const dims = sizes.length - 2;
  const kernel = 1 + w.random.below(Math.min(3, ...sizes.slice(2)));
  const out = 2 * (1 + w.random.below(2));
  const options: Record<string, Value> = {};
  if (w.random.chance(40)) options.padding = 1;
  if (w.random.chance(20)) options.stride = 2;
  if (w.random.chance(20) && sizes[1] % 2 === 0) options.groups = 2;
  if (w.random.chance(20)) options.bias = false;
  return single(w, `Conv${dims}d`, [sizes[1], out, kernel], options);
};

const transposed: Maker = (w, x) => {
  const sizes = w.sizes(x);
  return single(
    w,
    `ConvTranspose${sizes.length - 2}d`,
    [sizes[1], 2, 2],
    w.random.chance(40) ? { stride: 2 } : undefined,
  );
};

const pooling: Maker = (w, x) => {
  const sizes = w.sizes(x);
  const dims = sizes.length - 2;
  if (Math.min(...sizes.slice(2)) < 2) return null;
  return w.random.chance(30)
    ? single(w, `AdaptiveAvgPool${dims}d`, [2])
    : single(w, `${w.random.pick(["Max", "Avg"])}Pool${dims}d`, [2]);
};

const groupNorm: Maker = (w, x) => {
  const sizes = w.sizes(x);
  if (sizes[1] % 2 !== 0 || sizes.slice(2).reduce((a, b) => a * b, 1) < 3) return null;
  return w.random.chance(50)
    ? single(w, "GroupNorm", [2, sizes[1]])
    : single(w, `InstanceNorm${sizes.length - 2}d`, [sizes[1]]);
};

const dropout2d: Maker = (w, x) => (w.sizes(x).length === 4 ? single(w, "Dropout2d", [0.4]) : null);

/** A recurrent layer whose state goes from step to step without its graph: truncated backpropagation through time. */
const recurrent: Maker = (w, x) => {
  const n = w.sizes(x)[2];
  const name = w.random.pick(["RNN", "GRU", "LSTM"]);
  const named: Record<string, Value> = { batchFirst: true };
  if (w.random.chance(25)) named.numLayers = 2;
  if (w.random.chance(20)) named.bidirectional = true;
  if (name === "RNN" && w.random.chance(40)) named.nonlinearity = "relu";
  const module = w.make("m", "nn", `new ${name}`, [n, 3], named);
  const keep = w.random.chance(50);
  const whole = w.random.chance(50);
  return {
    modules: [module],
    forward(from) {
      const before = keep ? w.carried.get(module) : undefined;
      const args: Value[] = [v(from)];
      if (before !== undefined)
        args.push(name === "LSTM" ? [v(`${before}[0].detach()`), v(`${before}[1].detach()`)] : v(`${before}.detach()`));
      const [y, h] = [w.fresh("h"), w.fresh("s")];
      w.add({ out: [y, h], on: module, call: "()", args });
      w.carried.set(module, h);
      return whole ? y : w.make("h", y, "select", [1, -1]);
    },
  };
};

const cell: Maker = (w, x) => {
  const n = w.sizes(x)[2];
  const module = w.make("m", "nn", `new ${w.random.pick(["GRUCell", "RNNCell"])}`, [n, 3]);
  return {
    modules: [module],
    forward(from) {
      let h: string | null = null;
      for (let t = 0; t < w.sizes(from)[1]; t++) {
        const step = w.make("h", from, "select", [1, t]);
        h = w.make("h", module, "()", h === null ? [v(step)] : [v(step), v(h)]);
      }
      return h ?? from;
    },
  };
};

const attention: Maker = (w, x) => {
  const n = w.sizes(x)[2];
  if (n % 2 !== 0) return null;
  if (w.random.chance(40)) {
    return single(w, "TransformerEncoderLayer", [n, 2], {
      dimFeedforward: 4,
      batchFirst: true,
      dropout: w.random.pick([0, 0.2]),
    });
  }
  const module = w.make("m", "nn", "new MultiheadAttention", [n, 2], { batchFirst: true });
  return {
    modules: [module],
    forward(from) {
      const [y, weights] = [w.fresh("h"), w.fresh("h")];
      w.add({ out: [y, weights], on: module, call: "()", args: [v(from), v(from), v(from)] });
      return y;
    },
  };
};

/** Half of the channels as gates of the other half. */
const gated: Maker = (w, x) => ((w.sizes(x).at(-1) ?? 1) % 2 === 0 ? single(w, "GLU", [-1]) : null);

/** A slope for each channel. */
const slopes: Maker = (w, x) => single(w, "PReLU", [w.sizes(x)[1]]);

const enlarged: Maker = (w) =>
  w.random.pick([
    () => single(w, "Upsample", [], { scaleFactor: 2, mode: "nearest" }),
    () => single(w, "ZeroPad2d", [1]),
    () => single(w, "LocalResponseNorm", [2]),
  ])();

/** A cell of two states. */
const lstmCell: Maker = (w, x) => {
  const module = w.make("m", "nn", "new LSTMCell", [w.sizes(x)[2], 3]);
  return {
    modules: [module],
    forward(from) {
      let [h, c] = ["", ""];
      for (let t = 0; t < w.sizes(from)[1]; t++) {
        const args: Value[] = [v(w.make("h", from, "select", [1, t]))];
        if (h !== "") args.push([v(h), v(c)]);
        [h, c] = [w.fresh("h"), w.fresh("c")];
        w.add({ out: [h, c], on: module, call: "()", args });
      }
      return h === "" ? from : h;
    },
  };
};

const lastOfSequence: Maker = (w) => ({ modules: [], forward: (x) => w.make("h", x, "mean", [1]) });
const flat: Maker = (w) => ({ modules: [], forward: (x) => w.make("h", x, "flatten", [1]) });

/** What may come next after a tensor of these sizes, by weight. */
export function layersFor(sizes: readonly number[]): [number, Maker][] {
  const always: [number, Maker][] = [
    [5, activation],
    [2, dropout],
  ];
  if (sizes.length === 2) {
    return [
      ...always,
      [4, linear],
      [3, residual],
      [3, fork],
      [2, sequential],
      [2, layerNorm],
      [2, twice],
      [2, batchNorm(1)],
      [1, gated],
      [1, slopes],
    ];
  }
  if (sizes.length === 4)
    return [
      ...always,
      [5, convolution],
      [2, transposed],
      [3, pooling],
      [2, batchNorm(2)],
      [2, groupNorm],
      [1, dropout2d],
      [2, flat],
      [1, enlarged],
      [1, slopes],
    ];
  // Three dimensions are sequences of vectors or signals of channels: both kinds of layers take them.
  return [
    ...always,
    [4, recurrent],
    [2, cell],
    [1, lstmCell],
    [1, gated],
    [3, attention],
    [2, layerNorm],
    [2, linear],
    [3, convolution],
    [1, transposed],
    [1, pooling],
    [1, groupNorm],
    [1, batchNorm(1)],
    [1, residual],
    [1, fork],
    [2, lastOfSequence],
    [1, flat],
  ];
}
