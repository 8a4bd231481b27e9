// `split` as a method, whose parameter has another name than that of the function.

import { implementationOf, signed } from "../../arguments/signed";
import { split as ofTensor } from "./split";

/** Parts of the given size, or sizes, along a dimension. Source: Tensor.split. */
export const split = signed("def split(Tensor input, int|int[] splitSize, int dim=0)", implementationOf(ofTensor));
