// What the data sets of images share: a folder, transforms of items and labels, a printed form.

import { inspectSymbol } from "../../inspect";
import { Dataset } from "../../data/dataset";
import { type Step, stepText } from "../transforms/compose";

/** A data set of images in a folder. Source: torchvision.datasets.VisionDataset. */
export abstract class VisionDataset<T> extends Dataset<T> {
  constructor(
    /** The folder below which the files are. */
    readonly root: string,
    /** Applied to every image, or null. */
    readonly transform: Step | null,
    /** Applied to every label, or null. */
    readonly targetTransform: Step | null,
  ) {
    super();
  }

  /** Further lines of the printed form. */
  protected extraRepr(): string {
    return "";
  }

  override toString(): string {
    const { transform, targetTransform } = this;
    const body = [`Number of datapoints: ${this.length}`, `Root location: ${this.root}`];
    const extra = this.extraRepr();
    if (extra !== "") body.push(...extra.split("\n"));
    const steps = [...described("Transform: ", transform), ...described("Target transform: ", targetTransform)];
    if (steps.length > 0) body.push("StandardTransform");
    return [`Dataset ${this.constructor.name}`, ...body.map((line) => `    ${line}`), ...steps].join("\n");
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** What a step makes of an item; the item itself without one. */
export function applied(step: Step | null, value: unknown): unknown {
  return step === null ? value : step(value as never);
}

function described(head: string, step: Step | null): string[] {
  if (step === null) return [];
  return stepText(step)
    .split("\n")
    .map((line, i) => (i === 0 ? head : " ".repeat(head.length)) + line);
}
