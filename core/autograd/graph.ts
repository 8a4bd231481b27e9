// torch.autograd.graph: what is made of tensors while they wait for backward.

import { overloaded, signed } from "../arguments/signed";
import { type Ending, withEntry } from "../disposable";
import type { Tensor } from "../tensor/tensor";
import { type SavedHooks, savedHooks } from "./node";

export { Node } from "./node";

const mode = (hooks: SavedHooks): Ending => withEntry({}, () => savedHooks.enter(hooks));

/**
 * A mode in which `packHook` replaces every tensor that an operation saves for backward, and `unpackHook` gives it back when backward reads
 * it: `using _ = torch.autograd.graph.savedTensorsHooks(pack, unpack);`. Both run without recording. Throws AutogradError for a
 * `packHook` that writes its tensor in place. Source: torch.autograd.graph.saved_tensors_hooks.
 */
export const savedTensorsHooks = overloaded<
  <P>(packHook: (tensor: Tensor) => P, unpackHook: (packed: P) => Tensor) => Ending
>([
  "def savedTensorsHooks(function packHook, function unpackHook)",
  (pack: (tensor: Tensor) => unknown, unpack: (packed: unknown) => unknown): Ending => mode({ pack, unpack }),
]);

/**
 * A mode in which saved tensors are copies, so that what they were copied from may be freed; on the CPU they stay in memory. Source:
 * torch.autograd.graph.save_on_cpu.
 */
export const saveOnCpu = signed(
  "def saveOnCpu(bool pinMemory=False)",
  (_pinMemory = false): Ending => mode({ pack: (tensor) => tensor.clone(), unpack: (packed) => packed }),
);
