// Transforms out of others, some of which happen at random.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { rand, randperm } from "../../ops/random/random";
import { multinomial } from "../../ops/random/sample";
import { tensor } from "../../ops/create/create";
import { pythonText } from "../../tensor/python-text";
import { type Step, stepText } from "./compose";
import type { Picture } from "./planes";
import { Transform } from "./transform";

const lines = (steps: readonly Step[]): string => steps.map((step) => `\n    ${stepText(step)}`).join("");

const inTurn = (steps: readonly Step[], input: unknown): unknown =>
  steps.reduce((value: unknown, step) => step(value as never), input);

/** All of `transforms`, one after another, with probability `p` (0.5), or none. Source: torchvision.transforms.RandomApply. */
export class RandomApply<A = Picture> extends Transform<A, A> {
  /** @internal */
  static readonly [signature] = new Signature("def RandomApply(value transforms, float p=0.5)");

  /** The steps in order. */
  readonly transforms: readonly Step[];
  /** How often they happen. */
  readonly p: number;

  constructor(transforms: readonly Step[], ...args: Arguments<[p?: number], { p?: number }>);
  constructor(options: { transforms: readonly Step[]; p?: number });
  constructor(...args: unknown[]) {
    super();
    const { transforms, p } = RandomApply[signature].complete<{ transforms: readonly Step[]; p: number }>(args);
    this.transforms = transforms;
    this.p = p;
  }

  forward(input: A): A {
    return this.p < rand(1).item() ? input : (inTurn(this.transforms, input) as A);
  }

  override toString(): string {
    return `RandomApply(\n    p=${pythonText(this.p)}${lines(this.transforms)}\n)`;
  }
}

/**
 * One of `transforms`, with weights `p` (default: equal ones). The choice is drawn from the library's generator; PyTorch's is from
 * Python's own. Source: torchvision.transforms.RandomChoice.
 */
export class RandomChoice<A = Picture> extends Transform<A, A> {
  /** @internal */
  static readonly [signature] = new Signature("def RandomChoice(value transforms, value p=None)");

  /** The steps to choose from. */
  readonly transforms: readonly Step[];
  /** Their weights, or null. */
  readonly p: readonly number[] | null;

  constructor(
    transforms: readonly Step[],
    ...args: Arguments<[p?: readonly number[] | null], { p?: readonly number[] | null }>
  );
  constructor(options: { transforms: readonly Step[]; p?: readonly number[] | null });
  constructor(...args: unknown[]) {
    super();
    type Given = { transforms: readonly Step[]; p: readonly number[] | null };
    const { transforms, p } = RandomChoice[signature].complete<Given>(args);
    this.transforms = transforms;
    this.p = p;
  }

  forward(input: A): A {
    const weights = this.p ?? this.transforms.map(() => 1);
    return inTurn([this.transforms[multinomial(tensor([...weights]).float(), 1).item()]], input) as A;
  }

  override toString(): string {
    return `RandomChoice(${lines(this.transforms)}\n)(p=${pythonText(this.p)})`;
  }
}

/**
 * All of `transforms` in random order. The order is drawn from the library's generator; PyTorch's is from Python's own.
 * Source: torchvision.transforms.RandomOrder.
 */
export class RandomOrder<A = Picture> extends Transform<A, A> {
  constructor(
    /** The steps. */
    readonly transforms: readonly Step[],
  ) {
    super();
  }

  forward(input: A): A {
    const order = randperm(this.transforms.length).tolist() as number[];
    return inTurn(
      order.map((k) => this.transforms[k]),
      input,
    ) as A;
  }

  override toString(): string {
    return `RandomOrder(${lines(this.transforms)}\n)`;
  }
}
