// The dtypes that tests go through.

import * as torch from "cresset";

/** Every dtype. */
export const everyDtype: readonly torch.DType[] = [
  torch.bool,
  torch.uint8,
  torch.int8,
  torch.int16,
  torch.int32,
  torch.int64,
  torch.float16,
  torch.bfloat16,
  torch.float32,
  torch.float64,
];
