// torchvision.transforms.

export { Compose, type InputOf, Lambda, type OutputOf, type Step } from "./compose";
export { Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert";
export { type Batch, type Pixels, Transform } from "./transform";
