// Joins tensors and the formatter: what of a tensor is printed, and how its elements are read. Imported for its effect, as methods
// are: from then on tensors print.

import { AutogradError } from "../errors";
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
      gradFn: nodeLabel(tensor),
      isParameter: tensor instanceof Parameter,
      elements: (ranges) => stridedElements(ranges, tensor.strides, 0, (step) => tensor.elementAt(step)),
    },
    getDefaultDtype().name,
  );
}

/** The name of a tensor's node; of a view that cannot follow a write to its base, what PyTorch 2 prints. */
function nodeLabel(tensor: Tensor): string | null {
  try {
    return tensor.gradFn?.label ?? null;
  } catch (error) {
    if (error instanceof AutogradError) return "Invalid";
    throw error;
  }
}

setFormatter(text);
