// `torch.amp`: mixed precision on any device.

export { type AutocastOptions, autocast } from "./autocast";
export type { CustomForwardOptions } from "./custom";
export { GradScaler, type GradScalerOptions, type GradScalerState } from "./grad-scaler";
