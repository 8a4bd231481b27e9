// torch.optim.

export type { AdamOptions, AdamWOptions } from "./adam";
export { Adam, AdamW } from "./adam";
export type { GroupSpecification, OptimizerState, ParameterState, ParamGroup } from "./optimizer";
export { Optimizer } from "./optimizer";
export type { SGDOptions } from "./sgd";
export { SGD } from "./sgd";
