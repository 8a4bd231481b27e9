// What a transform is: a function of an item, with a name to print, and where possible the same for a whole batch at once.

import { inspectSymbol } from "../../inspect";
import { Callable, invoke } from "../../nn/callable";
import type { Tensor } from "../../tensor/tensor";
import type { ImageMode } from "../image";

/** Images of one size: uint8 pixels (N, height, width, channels). */
export interface Pixels {
  readonly mode: ImageMode;
  readonly pixels: Tensor;
}

/** Many inputs or results of a transform at once: images, or tensors stacked along their first dimension. */
export type Batch = Pixels | Tensor;

/** A function from `A` to `B` that can be printed: `transform(image)`. Extend it with `forward`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: instances are functions, which only an interface can say
export abstract class Transform<A, B> extends Callable {
  /** Transforms one item. */
  abstract forward(input: A): B;

  /**
   * Transforms many items at once, equal to stacking `forward` of each; null where that cannot be done, as for random
   * transforms, which draw for every item. A loader gathers batches in few operations with it.
   */
  forwardBatch(_batch: Batch): Batch | null {
    return null;
  }

  /** @internal What a call does. */
  [invoke](args: unknown[]): B {
    return this.forward(args[0] as A);
  }

  /** What stands between the parentheses of the printed form. */
  protected extraRepr(): string {
    return "";
  }

  override toString(): string {
    return `${this.constructor.name}(${this.extraRepr()})`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

export interface Transform<A, B> {
  // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with the class
  (input: A): B;
}
