// How losses are reduced, and PyTorch's two older flags for it.

import { relabel } from "../../autograd/record";
import { ArgumentError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";

/** What becomes of the losses of all elements. */
export type Reduction = "mean" | "sum" | "none";

/** How most losses are asked to reduce. */
export interface ReductionOptions {
  /** "mean" (default), "sum" or "none". */
  reduction?: Reduction;
  /** Older form: false means "sum". */
  sizeAverage?: boolean | null;
  /** Older form: false means "none". */
  reduce?: boolean | null;
}

/** The reduction asked for. Throws ArgumentError, in PyTorch's words, for an unknown one. */
export function reductionOf({ reduction = "mean", sizeAverage, reduce }: ReductionOptions): Reduction {
  if ((sizeAverage !== undefined && sizeAverage !== null) || (reduce !== undefined && reduce !== null)) {
    if (reduce === false) return "none";
    return sizeAverage === false ? "sum" : "mean";
  }
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none") {
    throw new ArgumentError(`${String(reduction)} is not a valid value for reduction`);
  }
  return reduction;
}

/** Losses reduced; `node` names the result when PyTorch has one operation for the whole. */
export function reduced(loss: Tensor, reduction: Reduction, node: string | null = null): Tensor {
  const result = reduction === "none" ? loss : reduction === "sum" ? loss.sum() : loss.mean();
  return node === null ? result : relabel(result, node, loss);
}
