// Transforms from other functions.

import { type Batch, Transform } from "./transform";

/** A function of one item, such as a transform. */
export type Step = (input: never) => unknown;
/** What the first of several steps takes. */
export type InputOf<T extends readonly Step[]> = T extends readonly [(input: infer A) => unknown, ...Step[]]
  ? A
  : unknown;
/** What the last of several steps gives. */
export type OutputOf<T extends readonly Step[]> = T extends readonly [...Step[], (input: never) => infer B]
  ? B
  : unknown;

/** One transform after another. Source: torchvision.transforms.Compose. */
export class Compose<const T extends readonly Step[]> extends Transform<InputOf<T>, OutputOf<T>> {
  constructor(
    /** The steps in order. */
    readonly transforms: T,
  ) {
    super();
  }

  forward(input: InputOf<T>): OutputOf<T> {
    let value: unknown = input;
    for (const step of this.transforms) value = step(value as never);
    return value as OutputOf<T>;
  }

  override forwardBatch(batch: Batch): Batch | null {
    let value: Batch | null = batch;
    for (const step of this.transforms) {
      if (value === null || !(step instanceof Transform)) return null;
      value = step.forwardBatch(value);
    }
    return value;
  }

  override toString(): string {
    return `Compose(\n${this.transforms.map((step) => `    ${stepText(step)}\n`).join("")})`;
  }
}

/** A step as it prints: a transform by itself, another function by its name. */
export function stepText(step: Step): string {
  return step instanceof Transform ? String(step) : `<function ${step.name || "<lambda>"}>`;
}

/** Any function as a transform. Source: torchvision.transforms.Lambda. */
export class Lambda<A, B> extends Transform<A, B> {
  constructor(
    /** The function. */
    readonly lambd: (input: A) => B,
  ) {
    super();
  }

  forward(input: A): B {
    return this.lambd(input);
  }
}
