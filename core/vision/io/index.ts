// torch.vision.io: torchvision.io's images.

export { readFile, writeFile } from "./files";
export {
  decodeImage,
  decodeJpeg,
  decodePng,
  encodeJpeg,
  encodePng,
  readImage,
  writeJpeg,
  writePng,
} from "./image";
export { ImageReadMode } from "./mode";
export * as promises from "./promises";
