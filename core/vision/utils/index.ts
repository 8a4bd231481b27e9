// torch.vision.utils: torchvision.utils.

export type { Color } from "./colors";
export { type Colors, drawBoundingBoxes, type DrawBoundingBoxesOptions, drawSegmentationMasks } from "./draw";
export { makeGrid } from "./grid";
export { saveImage } from "./save";
