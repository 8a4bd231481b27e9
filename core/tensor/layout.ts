// Layouts by name. There is one: strided.

import { inspectSymbol } from "../inspect";

/** How a tensor's elements are arranged, as `torch.layout`. Prints as `torch.strided`. */
export class Layout {
  constructor(readonly name: string) {}

  toString(): string {
    return `torch.${this.name}`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** Elements at regular steps in one block of memory. */
export const strided = new Layout("strided");
