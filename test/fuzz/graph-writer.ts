// What the forms of statements of random graphs share: names, shapes, which tensors share memory, and the program as it grows.

import { Random } from "./random";
import { type Statement, spellings, type Value } from "./statements";
import { Running } from "./statements-run";

/** Whether a tensor passes; looking at the graph of one that was written in a forbidden way throws. */
export function passes(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** Tensors that share memory, and what was done to one of them. */
export interface Group {
  views: boolean;
  written: boolean;
  retained: boolean;
}

/** One kind of statement: undefined where nothing fits it now. */
export type Form = (w: GraphWriter) => Statement | undefined;

/** A program while it is written; its statements run as they are added, so that shapes are known. */
export class GraphWriter {
  readonly random: Random;
  readonly running: Running;
  readonly statements: Statement[] = [];
  readonly leaves: string[] = [];
  readonly hooked = new Set<string>();
  /** A recorded write to a view has happened: PyTorch 1.13 then also accumulates where only some inputs were asked for. */
  wroteView = false;
  private count = 0;
  private readonly m: number;
  private readonly n: number;
  private readonly groups = new Map<string, Group>();

  constructor(readonly seed: number) {
    this.random = new Random(seed);
    this.running = new Running(seed);
    this.m = 1 + this.random.below(3);
    this.n = 1 + this.random.below(3);
  }

  add(statement: Statement): string | null {
    this.statements.push(statement);
    const error = this.running.step(spellings(statement));
    const { variables } = this.running;
    for (const name of statement.out) {
      // A call that has nothing to do gives what it was given.
      const same = this.names.find((other) => other !== name && variables[other] === variables[name]);
      if (same !== undefined) this.share(name, this.group(same));
    }
    return error;
  }

  fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  /** The names of tensors that statements may use; what hooks keep is only looked at. */
  get names(): string[] {
    return Object.keys(this.running.variables).filter(
      (name) => this.running.tensor(name) !== null && !/^[kcg]/.test(name),
    );
  }

  /** A tensor of floats, sooner a new one than an old one. */
  tensor(fits: (name: string) => boolean = () => true): string | undefined {
    const found = this.names.filter(
      (name) => this.running.tensor(name)?.dtype.isFloatingPoint && passes(() => fits(name)),
    );
    if (found.length === 0) return undefined;
    return this.random.chance(60)
      ? found[found.length - 1 - this.random.below(Math.min(4, found.length))]
      : this.random.pick(found);
  }

  ofRank(rank: (ndim: number) => boolean): string | undefined {
    return this.tensor((name) => rank(this.sizes(name).length));
  }

  /** Whether a rounding error decides what steps, such as that of `floor`, make of an element: it is next to a whole number or a half. */
  isOnStep(name: string): boolean {
    const x = this.running.tensor(name)?.detach();
    const values = x === undefined ? [] : ([x.tolist()].flat(9) as number[]);
    return values.some((value) => value !== 0 && Math.abs(2 * value - Math.round(2 * value)) < 1e-9);
  }

  masks(): string[] {
    return this.names.filter((name) => this.running.tensor(name)?.dtype.name === "bool");
  }

  sizes(name: string): readonly number[] {
    return this.running.tensor(name)?.sizes ?? [];
  }

  variable(name: string): { variable: string } {
    return { variable: name };
  }

  literal(sizes: readonly number[]): Value {
    if (sizes.length === 0) return Number((Math.floor(this.random.unit() * 40) / 10 - 1.95).toFixed(2));
    return Array.from({ length: sizes[0] }, () => this.literal(sizes.slice(1)));
  }

  /** A tensor of positions below `below`, written out where it is used. */
  positions(sizes: readonly number[], below: number): Value {
    const list = (left: readonly number[]): unknown =>
      left.length === 0 ? this.random.below(below) : Array.from({ length: left[0] }, () => list(left.slice(1)));
    return this.variable(`torch.tensor(${JSON.stringify(list(sizes))})`);
  }

  leaf(): Statement {
    const { m, n } = this;
    const sizes = this.random.pick([[m, n], [n], [1, n], [m, 1], [], [n, n], [2, m, n], [m, n], [n]]);
    const name = this.fresh("x");
    const requiresGrad = this.random.chance(75);
    if (requiresGrad) this.leaves.push(name);
    const named = requiresGrad ? { requiresGrad: true } : undefined;
    return { out: [name], on: "torch", call: "tensor", args: [this.literal(sizes)], named };
  }

  group(name: string): Group {
    const made = this.groups.get(name) ?? { views: false, written: false, retained: false };
    this.groups.set(name, made);
    return made;
  }

  /** Says that `name` shares memory with the tensors of a group. */
  share(name: string, group: Group): void {
    group.views = true;
    this.groups.set(name, group);
  }

  /** A call whose result has a name of its own. */
  method(
    call: string,
    on: string | undefined,
    args: readonly Value[] = [],
    named?: Statement["named"],
  ): Statement | undefined {
    return on === undefined ? undefined : { out: [this.fresh("y")], on, call, args, named };
  }
}
