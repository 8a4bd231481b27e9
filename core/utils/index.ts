// torch.utils: loading data, and recomputing parts of a network in backward.

export * as checkpoint from "./checkpoint";
export * as data from "../data/index";
