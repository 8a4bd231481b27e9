// torchvision.datasets.

export type { Resource } from "./download";
export { defaultLoader, ImageFolder, type ImageFolderOptions } from "./folder";
export { readIdx } from "./idx";
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from "./mnist";
export { VisionDataset } from "./vision-dataset";
