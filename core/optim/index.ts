// torch.optim: nothing but exports.

export type { AdamOptions, AdamWOptions } from "./adam";
export { Adam, AdamW } from "./adam";
export * from "./adam-variants";
export * from "./adaptive";
export * from "./averaged";
export * from "./lbfgs";
export * as lrScheduler from "./lr-scheduler";
export type { GroupSpecification, OptimizerState, ParameterState, ParamGroup, StepHook } from "./optimizer";
export { Optimizer } from "./optimizer";
export * from "./rmsprop";
export type { SGDOptions } from "./sgd";
export { SGD } from "./sgd";
export * as swaUtils from "./swa";
