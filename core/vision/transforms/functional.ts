// torchvision.transforms.functional.

export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./adjust";
export { erase, gaussianBlur } from "./blur";
