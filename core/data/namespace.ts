// torch.utils: the place where PyTorch's users look for `data`.

export * as data from "./index";
