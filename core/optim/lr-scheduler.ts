// torch.optim.lr_scheduler: nothing but exports.

export * from "./composed-schedules";
export * from "./cyclic";
export { LRScheduler } from "./scheduler";
export * from "./schedules";
