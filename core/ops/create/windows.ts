// Window functions of signal processing.

import { signed } from "../../arguments/signed";
import { CressetError, DTypeError } from "../../errors";
import { type DType, float32, float64, getDefaultDtype, type Scalar } from "../../tensor/dtype";
import { snakeCase } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { arange, CREATE, type Created, createOptions, empty, finishCreate, ones } from "./create";

/** PyTorch's names of whole-number types in the text of its options. */
const NATIVE: { readonly [name: string]: string } = {
  int64: "long int",
  int32: "int",
  int16: "short int",
  int8: "signed char",
  uint8: "unsigned char",
};

/** A window of so many samples; a periodic one is one sample longer without its last. `shape` gives the values of positions 0, 1, … */
function window(
  name: string,
  length: number,
  periodic: boolean,
  created: Created,
  shape: (n: Tensor, last: number) => Tensor,
): Tensor {
  const options = createOptions(created);
  const dtype: DType = options.dtype ?? getDefaultDtype();
  const call = snakeCase(name);
  if (!dtype.isFloatingPoint) {
    throw new DTypeError(
      `${call} expects floating point dtypes, got: TensorOptions(dtype=${NATIVE[dtype.name] ?? dtype.name}, device=cpu, layout=Strided (default), requires_grad=${options.requiresGrad === true} (default), pinned_memory=false, memory_format=(nullopt))`,
    );
  }
  if (length < 0) {
    throw new CressetError(`${call} requires non-negative window_length, got window_length=${length}`);
  }
  if (length === 0) return finishCreate(empty([0], { dtype }), options);
  if (length === 1) return finishCreate(ones([1], { dtype }), options);
  const count = periodic ? length + 1 : length;
  const computed = dtype === float64 ? float64 : float32;
  const values = shape(arange(count, { dtype: computed }), count - 1);
  return finishCreate((periodic ? values.narrow(0, 0, length) : values).to(dtype), options);
}

/** A window of the signature `(windowLength, periodic = true)`. */
function plain<const N extends string>(name: N, shape: (n: Tensor, last: number) => Tensor) {
  return signed(
    `${name}(int windowLength, bool periodic=True, *, ${CREATE})`,
    (windowLength: number, periodic = true, ...created: Created): Tensor =>
      window(name, windowLength, periodic, created, shape),
  );
}

const cosine = (n: Tensor, last: number, times = 1): Tensor => n.mul((2 * Math.PI * times) / last).cos();

/**
 * Bartlett's window, a triangle, of `windowLength` samples; `periodic` (true) is that of a longer one without its end. Options as `zeros`, of floats.
 * Source: torch.bartlett_window.
 */
export const bartlettWindow = plain("bartlettWindow", (n, last) => {
  const rising = n.mul(2 / last);
  return rising.where(n.le(last / 2), rising.rsub(2));
});

/** Hann's window, one cosine. As `bartlettWindow` otherwise. Source: torch.hann_window. */
export const hannWindow = plain("hannWindow", (n, last) => cosine(n, last).mul(-0.5).add(0.5));

/** Blackman's window, two cosines. As `bartlettWindow` otherwise. Source: torch.blackman_window. */
export const blackmanWindow = plain("blackmanWindow", (n, last) =>
  cosine(n, last, 2).mul(0.08).sub(cosine(n, last).mul(0.5)).add(0.42),
);

/** Hamming's window, `alpha` − `beta` times a cosine. As `bartlettWindow` otherwise. Source: torch.hamming_window. */
export const hammingWindow = signed(
  `hammingWindow(int windowLength, bool periodic=True, float&periodic alpha=0.54, float&alpha beta=0.46, *, ${CREATE})`,
  (windowLength: number, periodic = true, alpha = 0.54, beta = 0.46, ...created: Created): Tensor =>
    window("hammingWindow", windowLength, periodic, created, (n, last) => cosine(n, last).mul(-beta).add(alpha)),
);

/** Kaiser's window of the form `beta`, by Bessel functions. As `bartlettWindow` otherwise. Source: torch.kaiser_window. */
export const kaiserWindow = signed(
  `kaiserWindow(int windowLength, bool periodic=True, Number&periodic beta=12, *, ${CREATE})`,
  (windowLength: number, periodic = true, beta: Scalar = 12, ...created: Created): Tensor =>
    window("kaiserWindow", windowLength, periodic, created, (n, last) => {
      const place = n.mul(2 / last).sub(1);
      const height = place.mul(place).rsub(1).clampMin(0).sqrt().mul(Number(beta));
      return height.i0().div(n.mul(0).add(Number(beta)).i0());
    }),
);
