// torch.vision.ops: torchvision.ops.

export {
  type BoxFormat,
  boxArea,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
  masksToBoxes,
  removeSmallBoxes,
} from "./boxes";
export * from "./layers";
export * from "./losses";
export { batchedNms, nms } from "./nms";
export * from "./roi";
