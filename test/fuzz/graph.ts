// Random programs of tensors and gradients: leaves, broadcasting, views, writes in place to views and bases, detach and `.data`, hooks,
// retained gradients, several backwards, derivatives of derivatives, blocks without recording.

import { Random } from "./random";
import { type Index, type Statement, spellings, type Value } from "./statements";
import type { StatementProgram } from "./statements-kind";
import { Running } from "./statements-run";

/** Whether a tensor passes; looking at the graph of one that was written in a forbidden way throws. */
function passes(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** One kind of statement: undefined where nothing fits it now. */
type Form = () => Statement | undefined;

class GraphWriter {
  private readonly random: Random;
  private readonly running: Running;
  private readonly statements: Statement[] = [];
  private count = 0;
  private readonly m: number;
  private readonly n: number;
  private readonly leaves: string[] = [];
  private readonly hooked = new Set<string>();
  /** Groups of tensors that share memory, by the name of each. */
  private readonly groups = new Map<string, { views: boolean; written: boolean; retained: boolean }>();
  /** A recorded write to a view has happened: PyTorch 1.13 then also accumulates where only some inputs were asked for. */
  private wroteView = false;

  constructor(readonly seed: number) {
    this.random = new Random(seed);
    this.running = new Running(seed);
    this.m = 1 + this.random.below(3);
    this.n = 1 + this.random.below(3);
  }

  program(): StatementProgram {
    for (let k = 1 + this.random.below(3); k >= 0; k--) this.add(this.leaf());
    const length = 3 + this.random.below(14);
    for (let k = 0; k < length; k++) this.step();
    if (this.random.chance(80)) this.tryAdd(() => this.backward());
    return { seed: this.seed, statements: this.statements };
  }

  private add(statement: Statement): string | null {
    this.statements.push(statement);
    return this.running.step(spellings(statement));
  }

  private tryAdd(form: Form): boolean {
    const statement = form();
    if (statement === undefined) return false;
    if (this.random.chance(7) && statement.out.length <= 1 && !/hook|Grad|backward|grad$/i.test(statement.call))
      statement.noGrad = true;
    this.add(statement);
    return true;
  }

  private fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  private get names(): string[] {
    return Object.keys(this.running.variables).filter(
      (name) => this.running.tensor(name) !== null && !/^[kcg]/.test(name),
    );
  }

  /** A tensor of floats, sooner a new one than an old one. */
  private tensor(fits: (name: string) => boolean = () => true): string | undefined {
    const found = this.names.filter(
      (name) => this.running.tensor(name)?.dtype.isFloatingPoint && passes(() => fits(name)),
    );
    if (found.length === 0) return undefined;
    return this.random.chance(60)
      ? found[found.length - 1 - this.random.below(Math.min(4, found.length))]
      : this.random.pick(found);
  }

  private sizes(name: string): readonly number[] {
    return this.running.tensor(name)?.sizes ?? [];
  }

  private ofRank(rank: (ndim: number) => boolean): string | undefined {
    return this.tensor((name) => rank(this.sizes(name).length));
  }

  private variable(name: string): { variable: string } {
    return { variable: name };
  }

  private literal(sizes: readonly number[]): Value {
    if (sizes.length === 0) return Number((Math.floor(this.random.unit() * 40) / 10 - 1.95).toFixed(2));
    return Array.from({ length: sizes[0] }, () => this.literal(sizes.slice(1)));
  }

  private leaf(): Statement {
    const { m, n } = this;
    const sizes = this.random.pick([[m, n], [n], [1, n], [m, 1], [], [n, n], [2, m, n], [m, n], [n]]);
    const name = this.fresh("x");
    const requiresGrad = this.random.chance(75);
    if (requiresGrad) this.leaves.push(name);
    const named = requiresGrad ? { requiresGrad: true } : undefined;
    return { out: [name], on: "torch", call: "tensor", args: [this.literal(sizes)], named };
  }

  private group(name: string): { views: boolean; written: boolean; retained: boolean } {
    const made = this.groups.get(name) ?? { views: false, written: false, retained: false };
    this.groups.set(name, made);
    return made;
  }

  private step(): void {
    const form = this.random.weighted<Form>([
      [14, () => this.unary()],
      [18, () => this.binary()],
      [8, () => this.reduction()],
      [16, () => this.view()],
      [6, () => this.joined()],
      [5, () => this.product()],
      [6, () => this.chosen()],
      [4, () => this.composite()],
      [14, () => this.inPlace()],
      [6, () => this.assigned()],
      [3, () => this.reshaped()],
      [5, () => this.detached()],
      [5, () => this.hook()],
      [4, () => this.retained()],
      [7, () => this.backward()],
      [5, () => this.derivative()],
      [4, () => this.ofGradient()],
      [2, () => this.flag()],
      [2, () => this.leaf()],
    ]);
    for (let k = 0; k < 4; k++) if (this.tryAdd(form)) return;
  }

  private method(
    call: string,
    on: string | undefined,
    args: readonly Value[] = [],
    named?: Statement["named"],
  ): Statement | undefined {
    return on === undefined ? undefined : { out: [this.fresh("y")], on, call, args, named };
  }

  private unary(): Statement | undefined {
    const on = this.tensor();
    const [call, ...args] = this.random.pick<readonly [string, ...Value[]]>([
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
    if (call === "reciprocal" && on !== undefined) return this.method("rsub", "torch", [this.variable(on), 1]);
    if (call === "leakyRelu_") return this.method("tanhshrink", "F", [this.variable(on ?? "x0")]);
    if (call === "hardshrink")
      return this.method(
        this.random.pick(["softshrink", "elu", "gelu", "silu", "softplus", "leakyRelu", "hardtanh", "selu"]),
        "F",
        [this.variable(on ?? "x0")],
      );
    if (call === "sort" && on !== undefined)
      return { out: [this.fresh("y"), this.fresh("i")], on, call: this.random.pick(["max", "min", "sort"]), args: [0] };
    return this.method(call, on, args);
  }

  private binary(): Statement | undefined {
    const [on, other] = [this.tensor(), this.tensor()];
    if (on === undefined || other === undefined) return undefined;
    const operands = this.random.chance(20) ? [on, on] : [on, other];
    const call = this.random.weighted<string>([
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
    const named =
      (call === "add" || call === "sub") && this.random.chance(15) ? { alpha: this.random.pick([2, 0.5]) } : undefined;
    return this.method(call, operands[0], [this.variable(operands[1])], named);
  }

  private reduction(): Statement | undefined {
    const on = this.tensor();
    const dims = this.sizes(on ?? "").length;
    // The variance of one element is NaN, and PyTorch's gradient of it has another shape.
    const whole = ["sum", "mean", "sum", "prod", "norm", "amax"];
    if ((this.running.tensor(on ?? "")?.numel() ?? 0) > 1) whole.push("var");
    const all: Statement | undefined = this.method(this.random.pick(whole), on);
    if (dims === 0 || this.random.chance(35)) return all;
    const call = this.random.pick(["sum", "mean", "amax", "amin", "logsumexp", "sum", "nansum"]);
    const keepdim = this.random.chance(40) ? { keepdim: true } : undefined;
    return this.method(call, on, [this.random.below(dims)], keepdim);
  }

  private view(): Statement | undefined {
    const on = this.tensor();
    if (on === undefined) return undefined;
    const sizes = this.sizes(on);
    const dims = sizes.length;
    const d = dims === 0 ? 0 : this.random.below(dims);
    const numel = sizes.reduce((a, b) => a * b, 1);
    const forms: [string, Value[]][] = [
      ["view", [-1]],
      ["reshape", [-1]],
      ["flatten", []],
      ["unsqueeze", [this.random.below(dims + 1)]],
      ["squeeze", []],
      ["view", [[...sizes]]],
      ["reshape", [[numel]]],
      ["ravel", []],
      ["expand", [[2, ...sizes]]],
      ["viewAs", [this.variable(on)]],
      ["alias", []],
    ];
    if (dims > 0) {
      forms.push(
        ["select", [d, 0]],
        ["narrow", [d, 0, Math.max(0, sizes[d] - 1)]],
        ["squeeze", [d]],
        ["unfold", [d, Math.min(2, sizes[d]), 1]],
      );
      forms.push(["narrow", [d, Math.min(1, sizes[d] - 1), 1]], ["movedim", [0, dims - 1]]);
    }
    if (dims >= 2) {
      forms.push(
        ["transpose", [0, 1]],
        ["transpose", [0, dims - 1]],
        ["permute", [[...sizes.keys()].reverse()]],
        ["diagonal", []],
        ["swapaxes", [0, -1]],
      );
      if (dims === 2) forms.push(["t", []], ["t", []]);
    }
    const group = this.group(on);
    if (group.retained) return undefined;
    group.views = true;
    const name = this.fresh("y");
    this.groups.set(name, group);
    if (dims > 0 && this.random.chance(35)) return { out: [name], on, call: "[]", args: [], index: this.index(sizes) };
    if (dims > 0 && sizes[0] >= 1 && sizes[0] <= 3 && this.random.chance(15)) {
      const out = Array.from({ length: sizes[0] }, () => this.fresh("y"));
      for (const each of out) this.groups.set(each, group);
      return this.random.chance(60) ? { out, on, call: "unbind", args: [0] } : { out, on, call: "split", args: [1, 0] };
    }
    const [call, args] = this.random.pick(forms);
    if (call === "alias") return { out: [name], on, call: "[]", args: [], index: ["..."] };
    return { out: [name], on, call, args };
  }

  private index(sizes: readonly number[]): Index[] {
    const index: Index[] = [];
    for (const size of sizes) {
      if (this.random.chance(25)) break;
      index.push(
        this.random.weighted<Index>([
          [4, size > 0 ? this.random.below(size) : ":"],
          [2, -1],
          [4, ":"],
          [3, "1:"],
          [3, ":1"],
          [2, "::2"],
        ]),
      );
    }
    if (this.random.chance(10)) index.unshift(null);
    if (this.random.chance(8)) index.push("...");
    return index.length === 0 ? [":"] : index;
  }

  private joined(): Statement | undefined {
    const on = this.tensor();
    if (on === undefined) return undefined;
    const rank = this.sizes(on).length;
    const other = this.tensor((name) => this.sizes(name).join() === this.sizes(on).join()) ?? on;
    const list = [this.variable(on), this.variable(other)];
    if (rank > 0 && this.random.chance(60)) return this.method("cat", "torch", [list, this.random.below(rank)]);
    return this.method("stack", "torch", [list]);
  }

  private product(): Statement | undefined {
    const on = this.ofRank((rank) => rank >= 1);
    if (on === undefined) return undefined;
    const sizes = this.sizes(on);
    const last = sizes[sizes.length - 1];
    const other = this.tensor((name) => {
      const theirs = this.sizes(name);
      return theirs.length >= 1 && (theirs.length === 1 ? theirs[0] : theirs[theirs.length - 2]) === last;
    });
    if (other === undefined) return undefined;
    return this.random.chance(25)
      ? this.method("linear", "F", [this.variable(on), this.variable(other)])
      : this.method("matmul", on, [this.variable(other)]);
  }

  private chosen(): Statement | undefined {
    const on = this.tensor();
    if (on === undefined) return undefined;
    const masks = this.names.filter((name) => this.running.tensor(name)?.dtype.name === "bool");
    if (masks.length === 0 || this.random.chance(40))
      return {
        out: [this.fresh("m")],
        on,
        call: this.random.pick(["gt", "lt", "ge"]),
        args: [this.random.pick([0, 0.5])],
      };
    const mask = this.random.pick(masks);
    const other = this.tensor() ?? on;
    return this.random.pick<() => Statement | undefined>([
      () => this.method("where", "torch", [this.variable(mask), this.variable(on), this.variable(other)]),
      () => this.method("maskedFill", on, [this.variable(mask), 0.25]),
      () => ({ out: [this.fresh("y")], on, call: "[]", args: [], index: [this.variable(mask)] }),
      () => this.method("maskedSelect", on, [this.variable(mask)]),
      () => this.method("mul", on, [this.variable(mask)]),
    ])();
  }

  private composite(): Statement | undefined {
    const [on, other, third] = [this.tensor(), this.tensor(), this.tensor()];
    if (on === undefined || other === undefined || third === undefined) return undefined;
    const v = (name: string): Value => this.variable(name);
    return this.random.pick<() => Statement | undefined>([
      () => this.method("mseLoss", "F", [v(on), v(other)]),
      () => this.method("lerp", on, [v(other), this.random.chance(50) ? 0.25 : v(third)]),
      () => this.method("addcmul", on, [v(other), v(third)], { value: 0.5 }),
      () => this.method("smoothL1Loss", "F", [v(on), v(other)]),
      // Of one element only rounding errors are left.
      () =>
        (this.sizes(on).at(-1) ?? 1) > 1
          ? this.method("layerNorm", "F", [v(on), [this.sizes(on).at(-1) ?? 1]])
          : undefined,
      () => this.method("normalize", "F", [v(on)], { dim: 0 }),
      () => this.method("pad", "F", [v(on), [1, 0]]),
      () => (this.sizes(on).length > 0 ? this.method("indexSelect", on, [0, v("torch.tensor([0, 0])")]) : undefined),
    ])();
  }

  private inPlace(): Statement | undefined {
    const on = this.tensor((name) => !(this.group(name).retained && this.group(name).views));
    if (on === undefined) return undefined;
    const sizes = this.sizes(on);
    const other = this.tensor((name) => this.sizes(name).length <= sizes.length) ?? on;
    const v = this.variable(other);
    const [call, ...args] = this.random.pick<readonly [string, ...Value[]]>([
      ["add_", v],
      ["mul_", v],
      ["sub_", v],
      ["add_", v],
      ["mul_", 2],
      ["add_", 1],
      ["div_", 2],
      ["neg_"],
      ["sin_"],
      ["exp_"],
      ["zero_"],
      ["fill_", 3],
      ["sigmoid_"],
      ["relu_"],
      ["tanh_"],
      ["clamp_", -1, 1],
      ["copy_", v],
      ["copy_", v],
      ["pow_", 2],
      ["abs_"],
      ["square_"],
      ["floor_"],
      ["addcmul_", v, v],
      ["lerp_", v, 0.5],
      ["maximum"],
      ["fill_", v],
      ["cumsum_", 0],
      ["indexFill_", 0, this.variable("torch.tensor([0])"), 2],
    ]);
    if (call === "maximum") return undefined;
    const group = this.group(on);
    group.written = true;
    if (group.views) this.wroteView = true;
    const masks = this.names.filter((name) => this.running.tensor(name)?.dtype.name === "bool");
    if (masks.length > 0 && this.random.chance(10))
      return { out: [], on, call: "maskedFill_", args: [this.variable(this.random.pick(masks)), 0.5] };
    return { out: [], on: this.leaves.includes(on) && this.random.chance(20) ? `${on}.data` : on, call, args };
  }

  private assigned(): Statement | undefined {
    const on = this.tensor((name) => this.sizes(name).length > 0 && !this.group(name).retained);
    if (on === undefined) return undefined;
    const value = this.random.chance(40) ? this.random.pick([0, 1.5]) : undefined;
    // A value that lies in the written memory is read while it changes, in PyTorch too.
    const other = this.tensor((name) => this.sizes(name).length < 2 && this.group(name) !== this.group(on));
    if (value === undefined && other === undefined) return undefined;
    const masks = this.names.filter((name) => this.running.tensor(name)?.dtype.name === "bool");
    const index: Index[] =
      masks.length > 0 && this.random.chance(20)
        ? [this.variable(this.random.pick(masks))]
        : this.index(this.sizes(on));
    const group = this.group(on);
    group.written = true;
    this.wroteView = true;
    return { out: [], on, call: "[]=", args: [value ?? this.variable(other as string)], index };
  }

  private reshaped(): Statement | undefined {
    const on = this.tensor((name) => !this.group(name).retained && !this.leaves.includes(name));
    if (on === undefined) return undefined;
    const rank = this.sizes(on).length;
    const forms: [string, Value[]][] = [
      ["unsqueeze_", [0]],
      ["squeeze_", []],
    ];
    if (rank === 2) forms.push(["t_", []], ["transpose_", [0, 1]], ["swapaxes_", [0, 1]]);
    const [call, args] = this.random.pick(forms);
    const group = this.group(on);
    group.written = true;
    group.views = true;
    return { out: [], on, call, args };
  }

  private detached(): Statement | undefined {
    const on = this.tensor();
    if (on === undefined) return undefined;
    const name = this.fresh("y");
    this.groups.set(name, this.group(on));
    this.group(on).views = true;
    return this.random.pick<Statement>([
      { out: [name], on, call: "detach", args: [] },
      { out: [name], on, call: "detach", args: [] },
      { out: [name], on, call: ".data", args: [] },
      { out: [], on, call: "detach_", args: [] },
    ]);
  }

  private hook(): Statement | undefined {
    const on = this.tensor(
      (name) =>
        this.running.tensor(name)?.requiresGrad === true && !this.group(name).written && !this.group(name).views,
    );
    if (on === undefined) return undefined;
    this.hooked.add(on);
    const [hook, by] = this.random.pick<[string, number]>([
      ["mul", 2],
      ["add", 1],
      ["", 0],
      ["mul", 0.5],
    ]);
    return {
      out: [],
      on,
      call: "registerHook",
      args: [{ hook, by, keep: this.random.chance(50) ? this.fresh("k") : undefined }],
    };
  }

  private retained(): Statement | undefined {
    const on = this.tensor((name) => this.running.tensor(name)?.isLeaf === false && !this.group(name).views);
    if (on === undefined) return undefined;
    this.group(on).retained = true;
    return { out: [], on, call: "retainGrad", args: [] };
  }

  /** A scalar to go backward from. */
  private root(): string | undefined {
    return this.tensor((name) => {
      const x = this.running.tensor(name);
      return x?.requiresGrad === true && x.numel() === 1 && x.gradFn !== null;
    });
  }

  private backward(): Statement | undefined {
    let on = this.root();
    if (on === undefined || this.random.chance(50)) {
      const source = this.tensor((name) => this.running.tensor(name)?.requiresGrad === true);
      if (source === undefined) return undefined;
      on = this.fresh("s");
      this.add({ out: [on], on: source, call: this.random.pick(["sum", "sum", "mean"]), args: [] });
    }
    const named: Record<string, Value> = {};
    if (this.random.chance(45)) named.retainGraph = true;
    if (this.random.chance(12)) named.createGraph = true;
    if (this.random.chance(20) && !this.wroteView && this.hooked.size === 0) {
      const inputs = this.leaves.filter(
        (name) => passes(() => this.running.tensor(name)?.requiresGrad === true) && !this.group(name).written,
      );
      if (inputs.length > 0) named.inputs = [this.variable(this.random.pick(inputs))];
    }
    return { out: [], on, call: "backward", args: [], named };
  }

  private derivative(): Statement | undefined {
    if (this.wroteView) return undefined;
    const root = this.root();
    const inputs = this.names.filter(
      (name) =>
        passes(() => this.running.tensor(name)?.requiresGrad === true) &&
        !this.hooked.has(name) &&
        !this.group(name).retained &&
        !this.group(name).written &&
        !this.group(name).views,
    );
    if (root === undefined || inputs.length === 0) return undefined;
    const name = this.fresh("y");
    const named: Record<string, Value> = { allowUnused: this.random.chance(60) };
    const option = this.random.pick(["createGraph", "createGraph", "retainGraph", null]);
    if (option !== null) named[option] = true;
    return {
      out: [name],
      on: "torch.autograd",
      call: "grad",
      args: [this.variable(root), this.variable(this.random.pick(inputs))],
      named,
    };
  }

  private ofGradient(): Statement | undefined {
    const on = this.leaves.length > 0 ? this.random.pick(this.leaves) : undefined;
    if (on === undefined) return undefined;
    return this.random.pick<Statement>([
      { out: [], on, call: ".grad=", args: [null] },
      { out: [], on: `${on}.grad`, call: "zero_", args: [] },
      { out: [], on: `${on}.grad`, call: "mul_", args: [2] },
      { out: [this.fresh("y")], on: `${on}.grad`, call: "mul", args: [3] },
      { out: [this.fresh("y")], on: `${on}.grad`, call: "clone", args: [] },
    ]);
  }

  private flag(): Statement | undefined {
    const on = this.tensor();
    return on === undefined ? undefined : { out: [], on, call: "requiresGrad_", args: [this.random.chance(70)] };
  }
}

/** The program of a seed. */
export function generateGraph(seed: number): StatementProgram {
  return new GraphWriter(seed).program();
}
