// torch.autograd.

export type { BackwardOptions, GradOptions } from "./engine";
export { backward, grad } from "./engine";
export { Function, FunctionContext } from "./function";
export type { GradcheckOptions } from "./gradcheck";
export { gradcheck } from "./gradcheck";
export type { RemovableHandle } from "./methods";
export { Node } from "./node";
