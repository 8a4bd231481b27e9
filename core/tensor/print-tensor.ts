// Joins tensors and the formatter: what of a tensor is printed, and how its elements are read. Imported for its effect, as methods
// are: from then on tensors print.

import { getDefaultDtype } from "./dtype";
import { formatTensor } from "./print";
import { stridedElements } from "./print-elements";
import { Parameter, setFormatter, type Tensor } from "./tensor";

function text(tensor: Tensor): string {
  return formatTensor(
    {
      dtype: tensor.dtype.name,
      shape: tensor.sizes,
      device: tensor.device.toString(),
      requiresGrad: tensor.requiresGrad,
      gradFn: tensor.gradFn?.label ?? null,
      isParameter: tensor instanceof Parameter,
      elements: (ranges) => stridedElements(ranges, tensor.strides, 0, (step) => tensor.elementAt(step)),
    },
    getDefaultDtype().name,
  );
}

setFormatter(text);
