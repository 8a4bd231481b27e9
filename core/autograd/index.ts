// torch.autograd.

export { detectAnomaly, setDetectAnomaly } from "./anomaly";
export type { BackwardOptions, GradOptions } from "./backward";
export { backward, grad } from "./backward";
export { CustomFunction as Function, FunctionCtx } from "./function";
export { gradcheck } from "./gradcheck";
export type { GradientHook, RemovableHandle } from "./hooks";
export { Node } from "./node";
