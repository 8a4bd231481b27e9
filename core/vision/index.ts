// torch.vision: torchvision's counterpart.

export * as datasets from "./datasets";
export { Image, type ImageMode } from "./image";
export * as io from "./io";
export * as models from "./models";
export * as ops from "./ops";
export * as transforms from "./transforms";
export * as utils from "./utils";
