// `torch.cpu`: the processor as a device.

import { settle } from "./tensor/chain";

/**
 * Waits until every op that was called is computed. Elementwise ops on large tensors may wait for the next one; only a clock sees that,
 * so this is for measuring. Source: torch.cpu.synchronize.
 */
export function synchronize(): void {
  settle();
}
