// torchvision.datasets.

export type { Resource } from "./download";
export { readIdx } from "./idx";
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from "./mnist";
export { VisionDataset } from "./vision-dataset";
