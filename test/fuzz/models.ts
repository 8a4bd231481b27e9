// Random training programs: small modules, losses, optimizers and schedules, unrolled into statements. Both sides start from the same seed,
// so first weights, dropout masks and batches agree as well.

import { nn } from "../../core/index";
import { type Layer, layersFor } from "./models-layers";
import { optimizers, schedules } from "./models-optim";
import { Random } from "./random";
import { type Statement, spellings, type Value } from "./statements";
import type { StatementProgram } from "./statements-kind";
import { Running } from "./statements-run";

/** Steps of training that a program has at most. */
const STEPS = 4;

/** Modules whose first weights are drawn. */
const DRAWN = /^new (?:Linear|Embedding|Conv|RNN|GRU|LSTM|MultiheadAttention|Transformer)/;

/** Modules whose functions bend at 0. */
const BENT = [nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.SELU];

const v = (variable: string): Value => ({ variable });

/** Writes one program; its statements run here as they are added, so that shapes are known. */
export class ModelWriter {
  readonly random: Random;
  private readonly running: Running;
  private readonly statements: Statement[] = [];
  private count = 0;
  private isLeftOpen = false;
  /** Tokens in an example. */
  private readonly length: number;
  private readonly layers: Layer[] = [];
  private head: { loss: string; target: string; project: string } | null = null;
  /** Hidden states of recurrent layers: kept from step to step without their graph. */
  readonly carried = new Map<string, string>();

  constructor(readonly seed: number) {
    this.random = new Random(seed);
    this.running = new Running(seed);
    this.length = 2 + this.random.below(3);
  }

  fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  sizes(name: string): readonly number[] {
    return this.running.tensor(name)?.sizes ?? [];
  }

  /** Adds a statement whose result has one name; the name. */
  make(prefix: string, on: string, call: string, args: readonly Value[] = [], named?: Statement["named"]): string {
    const name = this.fresh(prefix);
    const draws = on === "nn" ? DRAWN.test(call) : on === "torch" && /^randn?$/.test(call);
    this.add({ out: [name], on, call, args, named, draws });
    return name;
  }

  add(statement: Statement): boolean {
    if (this.bends(statement)) this.isLeftOpen = true;
    this.statements.push(statement);
    return this.running.step(spellings(statement)) === null;
  }

  /**
   * Whether a function that bends at 0 is given what is a rounding error, as normalisations make it of equal elements: its sign, and so the
   * gradient, is left open.
   */
  private bends({ on, call, args }: Statement): boolean {
    const { variables } = this.running;
    const module = variables[on];
    const given = args[0];
    let x = call === "relu" ? this.running.tensor(on) : null;
    if (
      call === "()" &&
      module instanceof nn.Module &&
      typeof given === "object" &&
      given !== null &&
      "variable" in given
    )
      if ([...module.modules()].some((part) => BENT.some((bent) => part instanceof bent)))
        x = this.running.tensor(given.variable);
    if (x === null || x.numel() === 0) return false;
    const least = x.detach().abs();
    const isNormal = /Norm|View/.test(x.gradFn?.name() ?? "");
    return (
      least
        .lt(1e-9)
        .logicalAnd(isNormal ? least.ge(0) : least.gt(0))
        .any()
        .item() === true
    );
  }

  /** The program, or that of another seed where this one's gradients are left open. */
  program(): StatementProgram {
    const written = this.write();
    return this.isLeftOpen ? new ModelWriter(this.seed + 2 ** 31).program() : written;
  }

  private write(): StatementProgram {
    const { random } = this;
    // A normalisation of two numbers is ±1 whatever they are: all gradients before it are rounding errors.
    const batch = 3 + random.below(2);
    const input = random.weighted<"vector" | "image" | "signal" | "tokens">([
      [4, "vector"],
      [3, "image"],
      [2, "signal"],
      [4, "tokens"],
    ]);
    let x = this.input(input, batch);
    for (let k = 1 + random.below(4); k > 0; k--) {
      const layer = random.weighted(layersFor(this.sizes(x)))(this, x);
      if (layer === null) continue;
      x = layer.forward(x);
      this.layers.push(layer);
    }
    this.finish(x);
    const modules = [...new Set(this.layers.flatMap(({ modules }) => modules)), this.head?.project ?? ""];
    this.add({ out: ["net"], on: "nn", call: "new ModuleList", args: [modules.map(v)] });
    if (random.chance(15)) this.tie(modules);
    this.train(input, batch);
    return { seed: this.seed, statements: this.statements, every: 3 };
  }

  private input(kind: string, batch: number): string {
    const { random } = this;
    if (kind === "tokens") {
      const ids = this.tokens(batch);
      const embedding = this.make(
        "m",
        "nn",
        "new Embedding",
        [5, 4],
        random.chance(30) ? { paddingIdx: 0 } : undefined,
      );
      const forward = (from: string): string => this.make("h", embedding, "()", [v(from)]);
      this.layers.push({ modules: [embedding], forward });
      return forward(ids);
    }
    const sizes = { vector: [batch, 3], image: [batch, 2, 5, 5], signal: [batch, 2, 6] }[kind] as number[];
    return this.make("x", "torch", "randn", sizes);
  }

  /** A last map to a few numbers per example, and a loss. */
  private finish(x: string): void {
    const { random } = this;
    const flat = this.sizes(x).length > 2 ? this.make("h", x, "flatten", [1]) : x;
    const project = this.make("m", "nn", "new Linear", [this.sizes(flat).at(-1) ?? 1, 3]);
    this.head = {
      project,
      ...random.pick([
        { loss: "crossEntropy", target: "classes" },
        { loss: "mseLoss", target: "numbers" },
        { loss: "smoothL1Loss", target: "numbers" },
        { loss: "huberLoss", target: "numbers" },
        { loss: "binaryCrossEntropyWithLogits", target: "unit" },
        { loss: "multiMarginLoss", target: "classes" },
        { loss: "softMarginLoss", target: "sign" },
      ]),
    };
  }

  /** Two parameters of one shape become one. */
  private tie(modules: readonly string[]): void {
    const weights = modules.filter((name) => this.weightSizes(name) !== "");
    for (const [k, a] of weights.entries()) {
      const b = weights.slice(k + 1).find((name) => this.weightSizes(name) === this.weightSizes(a));
      if (b === undefined) continue;
      this.add({ out: [], on: b, call: ".weight=", args: [v(`${a}.weight`)] });
      return;
    }
  }

  private weightSizes(name: string): string {
    const { weight } = this.running.variables[name] as { weight?: { sizes?: readonly number[] } };
    return weight?.sizes?.join() ?? "";
  }

  /** Forward over all layers, with losses of intermediate results now and then; the loss. */
  private forward(x: string, batch: number, auxiliary: boolean): string {
    const { head, random } = this;
    if (head === null) throw new Error("the program has no loss yet");
    let h = x;
    const extra: string[] = [];
    for (const layer of this.layers) {
      h = layer.forward(h);
      if (auxiliary && random.chance(40)) extra.push(this.make("a", this.make("a", h, "square"), "mean"));
    }
    if (this.sizes(h).length > 2) h = this.make("h", h, "flatten", [1]);
    const y = this.make("y", head.project, "()", [v(h)]);
    const target = this.target(head.target, batch);
    const reduction = random.chance(20) ? { reduction: "sum" } : undefined;
    let loss = this.make("l", "F", head.loss, [v(y), v(target)], reduction);
    for (const each of extra)
      loss = this.make("l", loss, "add", [v(each)], random.chance(50) ? { alpha: 0.3 } : undefined);
    return loss;
  }

  private target(kind: string, batch: number): string {
    const classes = Array.from({ length: batch }, () => this.random.below(3));
    if (kind === "classes") return this.make("t", "torch", "tensor", [classes]);
    if (kind === "numbers") return this.make("t", "torch", "randn", [batch, 3]);
    const unit = this.make("t", "torch", "rand", [batch, 3]);
    return kind === "unit" ? unit : this.make("t", this.make("t", unit, "sub", [0.5]), "sign");
  }

  private train(input: string, batch: number): void {
    const { random } = this;
    const [optimizer, options] = random.pick(optimizers)(random);
    const parameters = v("net.parameters()");
    const groups = this.layers.filter(({ modules }) => modules.length > 0).slice(0, 1);
    const last = this.head?.project ?? "";
    const grouped: Value =
      random.chance(20) && groups.length > 0
        ? [
            { fields: { params: v(`${groups[0].modules[0]}.parameters()`), lr: 0.03 } },
            { fields: { params: v(`${last}.parameters()`) } },
          ]
        : parameters;
    let optimizerName = this.make("opt", "optim", `new ${optimizer}`, [grouped], options);
    const schedule = random.chance(40) ? random.pick(schedules)(this, optimizerName) : null;
    const auxiliary = random.chance(30);
    const clip = random.chance(30);
    const [clipping, bound] = random.pick<[string, number]>([
      ["clipGradNorm_", 0.5],
      ["clipGradValue_", 0.01],
    ]);
    const accumulate = random.chance(25) ? 2 : 1;
    let kept: string | null = null;
    let average: string | null = null;
    const steps = 2 + random.below(STEPS - 1);
    for (let step = 0; step < steps; step++) {
      this.add({
        out: [],
        on: optimizerName,
        call: "zeroGrad",
        args: [],
        named: random.chance(20) ? { setToNone: true } : undefined,
      });
      let loss = "";
      for (let k = 0; k < accumulate; k++) {
        const x = input === "tokens" ? this.tokens(batch) : this.input(input, batch);
        loss = this.forward(x, batch, auxiliary);
        const scaled = accumulate > 1 ? this.make("l", loss, "div", [accumulate]) : loss;
        this.add({ out: [], on: scaled, call: "backward", args: [] });
      }
      if (clip) this.make("n", "nn.utils", clipping, [parameters, bound]);
      this.add({ out: [], on: optimizerName, call: "step", args: [] });
      if (schedule !== null) {
        const args = schedule.plateau ? [v(`${loss}.item()`)] : [];
        this.add({ out: [], on: schedule.name, call: "step", args });
        if (!schedule.plateau) this.make("r", schedule.name, "getLastLr");
      }
      if (random.chance(10)) this.add({ out: [], on: last, call: "requiresGrad_", args: [random.chance(50)] });
      if (random.chance(10)) this.add({ out: [], on: "net", call: random.pick(["eval", "train"]), args: [] });
      if (kept !== null && random.chance(40)) this.add({ out: [], on: "net", call: "loadStateDict", args: [v(kept)] });
      else if (random.chance(15)) kept = this.make("sd", "torch", "deepcopy", [v(this.make("sd", "net", "stateDict"))]);
      if (average !== null)
        this.add({ out: [], on: `${average}.weight`, call: "lerp_", args: [v(`${last}.weight`), 0.1], noGrad: true });
      else if (random.chance(15)) average = this.make("m", "torch", "deepcopy", [v(last)]);
      if (random.chance(8)) {
        const state = this.make("so", optimizerName, "stateDict");
        const again = this.make("opt", "optim", `new ${optimizer}`, [grouped], options);
        this.add({ out: [], on: again, call: "loadStateDict", args: [v(state)] });
        if (schedule === null) optimizerName = again;
      }
      if (random.chance(10)) this.evaluated(input, batch);
    }
  }

  private tokens(batch: number): string {
    return this.make("x", "torch", "randint", [0, 5, [batch, this.length]]);
  }

  /** A look at the model as it would be used, without recording. */
  private evaluated(input: string, batch: number): void {
    const x = input === "tokens" ? this.tokens(batch) : this.input(input, batch);
    this.add({ out: [], on: "net", call: "eval", args: [] });
    const [first] = this.layers;
    if (first?.modules.length === 1) {
      const name = this.fresh("e");
      this.add({ out: [name], on: first.modules[0], call: "()", args: [v(x)], noGrad: true });
    }
    this.add({ out: [], on: "net", call: "train", args: [] });
  }
}

/** The program of a seed. */
export function generateModel(seed: number): StatementProgram {
  return new ModelWriter(seed).program();
}
