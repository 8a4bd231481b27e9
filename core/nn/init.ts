// nn.init: how parameters get their first values. Every function fills its tensor in place, unrecorded, from PyTorch's streams.

import { withGradMode } from "../autograd/modes";
import { CressetError, ShapeError } from "../errors";
import { signed } from "../arguments/signed";
import { qrOfInput as qr } from "../ops/linalg/orthogonal";
import { randn, randperm } from "../ops/random/random";
import { numelOf } from "../tensor/shape";
import type { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";

function filled(tensor: Tensor, fill: () => unknown): Tensor {
  withGradMode(false, fill);
  return tensor;
}

/** Uniform in [`a` (0), `b` (1)). Source: torch.nn.init.uniform_. */
export const uniform_ = signed(
  "def uniform_(Tensor tensor, float a=0.0, float b=1.0)",
  (tensor: Tensor, a = 0, b = 1): Tensor => filled(tensor, () => tensor.uniform_(a, b)),
);

/** Normal with `mean` (0) and `std` (1). Source: torch.nn.init.normal_. */
export const normal_ = signed(
  "def normal_(Tensor tensor, float mean=0.0, float std=1.0)",
  (tensor: Tensor, mean = 0, std = 1): Tensor => filled(tensor, () => tensor.normal_(mean, std)),
);

/** Normal with `mean` (0) and `std` (1), cut off at `a` (−2) and `b` (2). Source: torch.nn.init.trunc_normal_. */
export const truncNormal_ = signed(
  "def truncNormal_(Tensor tensor, float mean=0.0, float std=1.0, float a=-2.0, float b=2.0)",
  (tensor: Tensor, mean = 0, std = 1, a = -2, b = 2): Tensor => {
    if (mean < a - 2 * std || mean > b + 2 * std) {
      warn(
        "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.",
      );
    }
    const lower = distribution((a - mean) / std);
    const upper = distribution((b - mean) / std);
    return filled(tensor, () =>
      tensor
        .uniform_(2 * lower - 1, 2 * upper - 1)
        .erfinv_()
        .mul_(std * Math.sqrt(2))
        .add_(mean)
        .clamp_(a, b),
    );
  },
);

/** The normal distribution function, in double precision. */
function distribution(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

/** The error function of one number: its Taylor series near 0, the continued fraction of erfc beyond. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)));
}

/** One value everywhere. Source: torch.nn.init.constant_. */
export const constant_ = signed("def constant_(Tensor tensor, float val)", (tensor: Tensor, val: number): Tensor => {
  return filled(tensor, () => tensor.fill_(val));
});

/** Ones. Source: torch.nn.init.ones_. */
export const ones_ = signed("def ones_(Tensor tensor)", (tensor: Tensor): Tensor => {
  return constant_(tensor, 1);
});

/** Zeros. Source: torch.nn.init.zeros_. */
export const zeros_ = signed("def zeros_(Tensor tensor)", (tensor: Tensor): Tensor => {
  return constant_(tensor, 0);
});

/** Ones on the diagonal of a matrix. Source: torch.nn.init.eye_. */
export const eye_ = signed("def eye_(Tensor tensor)", (tensor: Tensor): Tensor => {
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
  return filled(tensor, () => {
    tensor.zero_();
    tensor.diagonal().fill_(1);
  });
});

/** Channels passed through: 1 at the centre of the kernel for equal input and output channels. Source: torch.nn.init.dirac_. */
export const dirac_ = signed("def dirac_(Tensor tensor, int groups=1)", (tensor: Tensor, groups = 1): Tensor => {
  if (tensor.ndim < 3 || tensor.ndim > 5) throw new ShapeError("Only tensors with 3, 4, or 5 dimensions are supported");
  const [outputs, inputs] = tensor.sizes;
  if (outputs % groups !== 0) throw new ShapeError("dim 0 must be divisible by groups");
  const perGroup = outputs / groups;
  return filled(tensor, () => {
    tensor.zero_();
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < Math.min(perGroup, inputs); c++) {
        let entry = tensor.select(0, g * perGroup + c).select(0, c);
        for (const n of tensor.sizes.slice(2)) entry = entry.select(0, Math.floor(n / 2));
        entry.fill_(1);
      }
    }
  });
});

/** How many inputs and outputs one element connects. Throws ShapeError below two dimensions. */
function fans(tensor: Tensor): { fanIn: number; fanOut: number } {
  if (tensor.ndim < 2) {
    throw new ShapeError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
  }
  const field = numelOf(tensor.sizes.slice(2));
  return { fanIn: tensor.sizes[1] * field, fanOut: tensor.sizes[0] * field };
}

/** Names of nonlinearities whose gain is known. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

const GAINS: { readonly [name: string]: (param: number | null) => number } = {
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.sqrt(2),
  leaky_relu: (param) => Math.sqrt(2 / (1 + (param ?? 0.01) ** 2)),
  selu: () => 3 / 4,
};

/** The gain recommended for a nonlinearity; `param` is the slope of "leaky_relu". Source: torch.nn.init.calculate_gain. */
export const calculateGain = signed(
  "def calculateGain(str nonlinearity, float? param=None)",
  (nonlinearity: Nonlinearity, param: number | null = null): number => {
    if (nonlinearity === "linear" || nonlinearity.startsWith("conv")) return 1;
    const gain = GAINS[nonlinearity];
    if (gain === undefined) throw new CressetError(`Unsupported nonlinearity ${nonlinearity}`);
    return gain(param);
  },
);

/** Uniform, with a variance that keeps signals between layers: `gain` (1). Source: torch.nn.init.xavier_uniform_. */
export const xavierUniform_ = signed(
  "def xavierUniform_(Tensor tensor, float gain=1.0)",
  (tensor: Tensor, gain = 1): Tensor => {
    const { fanIn, fanOut } = fans(tensor);
    const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
    return uniform_(tensor, -bound, bound);
  },
);

/** Normal, with a variance that keeps signals between layers: `gain` (1). Source: torch.nn.init.xavier_normal_. */
export const xavierNormal_ = signed(
  "def xavierNormal_(Tensor tensor, float gain=1.0)",
  (tensor: Tensor, gain = 1): Tensor => {
    const { fanIn, fanOut } = fans(tensor);
    return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
  },
);

/** Whether signals (fan_in) or gradients (fan_out) keep their size. */
type FanMode = "fan_in" | "fan_out";

/** Parameters of the kaiming functions. */
const KAIMING = "Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu'";

function kaimingDeviation(tensor: Tensor, a = 0, mode: FanMode = "fan_in", nonlinearity?: Nonlinearity): number {
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new CressetError(`Mode ${String(mode)} not supported, please use one of ['fan_in', 'fan_out']`);
  }
  const { fanIn, fanOut } = fans(tensor);
  return calculateGain(nonlinearity ?? "leaky_relu", a) / Math.sqrt(mode === "fan_in" ? fanIn : fanOut);
}

/** Whether there is nothing to fill, of which PyTorch warns. */
function isEmpty(tensor: Tensor): boolean {
  if (!tensor.sizes.includes(0)) return false;
  warn("Initializing zero-element tensors is a no-op");
  return true;
}

/**
 * Uniform, for layers followed by (leaky) relu. Options: `a` (0), the slope; `mode` "fan_in" (default) or "fan_out"; `nonlinearity`
 * ("leaky_relu"). Source: torch.nn.init.kaiming_uniform_.
 */
export const kaimingUniform_ = signed(
  `def kaimingUniform_(${KAIMING})`,
  (tensor: Tensor, a?: number, mode?: FanMode, nonlinearity?: Nonlinearity): Tensor => {
    if (isEmpty(tensor)) return tensor;
    const bound = Math.sqrt(3) * kaimingDeviation(tensor, a, mode, nonlinearity);
    return uniform_(tensor, -bound, bound);
  },
);

/** As `kaimingUniform_`, normal. Options: `a`, `mode`, `nonlinearity`. Source: torch.nn.init.kaiming_normal_. */
export const kaimingNormal_ = signed(
  `def kaimingNormal_(${KAIMING})`,
  (tensor: Tensor, a?: number, mode?: FanMode, nonlinearity?: Nonlinearity): Tensor =>
    isEmpty(tensor) ? tensor : normal_(tensor, 0, kaimingDeviation(tensor, a, mode, nonlinearity)),
);

/** Columns with a share of zeros, the rest normal. Source: torch.nn.init.sparse_. */
export const sparse_ = signed(
  "def sparse_(Tensor tensor, float sparsity, float std=0.01)",
  (tensor: Tensor, sparsity: number, std = 0.01): Tensor => {
    if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
    const [rows, cols] = tensor.sizes;
    const zeros = Math.ceil(sparsity * rows);
    return filled(tensor, () => {
      tensor.normal_(0, std);
      for (let c = 0; c < cols; c++) {
        const column = tensor.select(1, c);
        column.indexFill_(0, randperm(rows).narrow(0, 0, zeros), 0);
      }
    });
  },
);

/** Orthogonal rows or columns, times `gain` (1). Source: torch.nn.init.orthogonal_. */
export const orthogonal_ = signed(
  "def orthogonal_(Tensor tensor, float gain=1)",
  (tensor: Tensor, gain = 1): Tensor => {
    if (tensor.ndim < 2) throw new ShapeError("Only tensors with 2 or more dimensions are supported");
    if (tensor.numel() === 0) return tensor;
    const rows = tensor.sizes[0];
    const cols = tensor.numel() / rows;
    return filled(tensor, () => {
      const drawn = randn(rows, cols, { dtype: tensor.dtype });
      const wide = rows < cols;
      const { Q, R } = qr(wide ? drawn.t() : drawn);
      // The signs that make the factorization unique, and with it the distribution even.
      const q = Q.mul(R.diagonal().sign());
      tensor.copy_((wide ? q.t() : q).reshape([...tensor.sizes])).mul_(gain);
    });
  },
);
