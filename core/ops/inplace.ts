// In-place forms of functions that are no rows of the elementwise tables. Methods only.

import { implementationOf, signed } from "../arguments/signed";
import { isRecorded } from "../autograd/record";
import { DTypeError, ShapeError } from "../errors";
import { canCast, type Scalar } from "../tensor/dtype";
import { nativeName, requireSameDtype } from "../tensor/dtype-checks";
import { sameShape, text } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { overwrite } from "./create/overwrite";
import { mvlgamma } from "./elementwise/composed";
import { renorm } from "./linalg/norms";
import { addbmm, addmm, addmv, addr, baddbmm, tril, triu } from "./matrix/linalg";

const wrongPlace = (what: string, own: string, given: string): string =>
  `Bad in-place call: input tensor ${what} ${own} and output tensor ${what} ${given} should match`;

/**
 * The form of a function that writes its result, of the same sizes, into its operand; `label`: PyTorch's name of the node. The result
 * of a product has to have the same dtype, that of other functions one that can be cast to it.
 */
function inPlace<A extends unknown[]>(
  f: (input: Tensor, ...args: A) => Tensor,
  label: string,
  isProduct = false,
): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => {
    const recorded = isRecorded([input, ...args.filter((x) => x instanceof Tensor)]);
    // What backward reads of the old elements is a copy.
    const result = f(recorded ? input.clone() : input, ...args);
    if (isProduct)
      requireSameDtype(result, input, wrongPlace("dtype", nativeName(input.dtype), nativeName(result.dtype)));
    if (!sameShape(result.sizes, input.sizes)) {
      throw new ShapeError(wrongPlace("size", text(input.sizes), text(result.sizes)));
    }
    if (!canCast(result.dtype, input.dtype)) {
      throw new DTypeError(
        `result type ${result.dtype.scalarName} can't be cast to the desired output type ${input.dtype.scalarName}`,
      );
    }
    return overwrite(input, result, label);
  };
}

/** `addmm` in place. Throws ShapeError where the result has other sizes. Source: Tensor.addmm_. */
export const addmm_ = signed(
  "addmm_(Tensor input, Tensor mat1, Tensor mat2, *, Number beta=1, Number alpha=1)",
  inPlace(implementationOf(addmm), "AddmmBackward0", true),
);

/** `addmv` in place. Throws ShapeError where the result has other sizes. Source: Tensor.addmv_. */
export const addmv_ = signed(
  "addmv_(Tensor input, Tensor mat, Tensor vec, *, Number beta=1, Number alpha=1)",
  inPlace(implementationOf(addmv), "AddmvBackward0", true),
);

/** `addbmm` in place. Throws ShapeError where the result has other sizes. Source: Tensor.addbmm_. */
export const addbmm_ = signed(
  "addbmm_(Tensor input, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1)",
  inPlace(implementationOf(addbmm), "AddbmmBackward0", true),
);

/** `baddbmm` in place. Throws ShapeError where the result has other sizes. Source: Tensor.baddbmm_. */
export const baddbmm_ = signed(
  "baddbmm_(Tensor input, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1)",
  inPlace(implementationOf(baddbmm), "BaddbmmBackward0", true),
);

const addrInto = inPlace(implementationOf(addr), "AddrBackward0");

/** `addr` in place. Throws ShapeError where the result has other sizes. Source: Tensor.addr_. */
export const addr_ = signed(
  "addr_(Tensor input, Tensor vec1, Tensor vec2, *, Number beta=1, Number alpha=1)",
  (input: Tensor, vec1: Tensor, vec2: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor => {
    if (input.ndim !== 2) throw new ShapeError(`2D tensor expected, got ${input.ndim}D tensor for input`);
    if (vec1.ndim === 1 && vec2.ndim === 1 && (vec1.sizes[0] !== input.sizes[0] || vec2.sizes[0] !== input.sizes[1])) {
      throw new ShapeError(
        `size mismatch, input: ${text(input.sizes)}, v1: ${text(vec1.sizes)}, v2: ${text(vec2.sizes)}`,
      );
    }
    return addrInto(input, vec1, vec2, beta, alpha);
  },
);

/** `tril` in place. Source: Tensor.tril_. */
export const tril_ = signed("tril_(Tensor input, int diagonal=0)", inPlace(implementationOf(tril), "TrilBackward0"));

/** `triu` in place. Source: Tensor.triu_. */
export const triu_ = signed("triu_(Tensor input, int diagonal=0)", inPlace(implementationOf(triu), "TriuBackward0"));

/** `renorm` in place. Source: Tensor.renorm_. */
export const renorm_ = signed(
  "renorm_(Tensor input, Number p, int dim, Number maxnorm)",
  inPlace(
    (input: Tensor, p: Scalar, dim: number, maxnorm: Scalar) => renorm(input, p, dim, maxnorm),
    "RenormBackward0",
  ),
);

/** `mvlgamma` in place. Source: Tensor.mvlgamma_. */
export const mvlgamma_ = signed(
  "mvlgamma_(Tensor input, int p)",
  inPlace((input: Tensor, p: number) => mvlgamma(input, p), "MvlgammaBackward0"),
);
