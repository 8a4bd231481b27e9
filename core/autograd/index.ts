// torch.autograd.

export { detectAnomaly, setDetectAnomaly } from "./anomaly";
export type { BackwardOptions, GradOptions } from "./backward";
export { backward, grad } from "./backward";
export { CustomFunction as Function, FunctionCtx } from "./function";
export * as functional from "./functional";
export { gradcheck, gradgradcheck } from "./gradcheck";
export * as graph from "./graph";
export type { GradientHook, RemovableHandle } from "./hooks";
export { Node } from "./node";
