// torch.autograd.

export { backward, grad } from "./engine";
export type { BackwardOptions, GradOptions } from "./engine";
export type { RemovableHandle } from "./methods";
export { Node } from "./node";
