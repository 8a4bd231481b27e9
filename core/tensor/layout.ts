// Layouts by name. There is one: strided.

import { inspect } from "node:util";

/** How a tensor's elements are arranged, as `torch.layout`. Prints as `torch.strided`. */
export class Layout {
  constructor(readonly name: string) {}

  toString(): string {
    return `torch.${this.name}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Elements at regular steps in one block of memory. */
export const strided = new Layout("strided");
