// Joins tensors and the formatter: what of a tensor is printed, and how its elements are read. Imported for its effect, as methods
// are: from then on tensors print.

import { AutogradError } from "../errors";
import { getDefaultDtype } from "./dtype";
import { formatTensor } from "./print";
import { shownElements } from "./print-elements";
import { Parameter, setFormatter, type Tensor } from "./tensor";

function block(tensor: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  const { strides, offset } = tensor;
  return tensor.alias(
    sizes,
    strides,
    starts.reduce((sum, start, d) => sum + start * strides[d], offset),
  );
}

function text(tensor: Tensor): string {
  return formatTensor(
    {
      dtype: tensor.dtype.name,
      shape: tensor.sizes,
      device: tensor.device.toString(),
      requiresGrad: tensor.requiresGrad,
      gradFn: nodeLabel(tensor),
      isParameter: tensor instanceof Parameter,
      elements: (ranges) => shownElements(ranges, (starts, sizes) => block(tensor, starts, sizes).elements()),
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
