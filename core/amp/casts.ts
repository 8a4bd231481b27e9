// What autocast does to the arguments of operations. The lists say which operations lose little in a dtype of 16 bits, which need float32,
// and which take operands of several dtypes. While a region is open, what runs behind these operations is replaced by what casts first,
// so nothing is asked outside of regions. Source: aten/src/ATen/autocast_mode.cpp, the lists for the CPU.

import { type Implementation, replaceImplementation } from "../arguments/signed";
import { CressetError } from "../errors";
import * as F from "../nn/functional";
import { cat, concat, stack } from "../ops/create/join";
import { indexCopy } from "../ops/index/scatter";
import * as linalg from "../ops/linalg/namespace";
import * as older from "../ops/linalg/top";
import { cdist } from "../ops/matrix/distances";
import { addbmm, addmm, baddbmm, bmm, matmul, mm, trace } from "../ops/matrix/linalg";
import { nanquantile, quantile } from "../ops/reduce/quantile";
import { prod } from "../ops/reduce/reduce";
import { type DType, float32, float64 } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { castOnce, modes } from "./state";

/** Products of matrices that may be written to `out`; then nothing is cast. */
const PRODUCTS: readonly object[] = [matmul, mm, bmm];

/** Other operations in which rounding to 16 bits loses little. */
const LOWER: readonly object[] = [F.linear, addmm, addbmm, baddbmm, F.conv1d, F.conv2d, F.conv3d];

/** Operations that need float32: losses, products of many factors, linear algebra, and what the CPU computes in float32 only. */
const WIDER: readonly object[] = [
  F.convTranspose1d,
  F.convTranspose2d,
  F.convTranspose3d,
  F.avgPool3d,
  F.maxPool3d,
  F.adaptiveAvgPool3d,
  F.adaptiveMaxPool3d,
  F.maxUnpool2d,
  F.maxUnpool3d,
  F.gridSample,
  prod,
  quantile,
  nanquantile,
  cdist,
  trace,
  older.cholesky,
  older.choleskyInverse,
  older.choleskySolve,
  older.geqrf,
  older.inverse,
  older.lu,
  older.luSolve,
  older.orgqr,
  older.ormqr,
  older.pinverse,
  older.qr,
  older.svd,
  older.symeig,
  older.triangularSolve,
  linalg.cholesky,
  linalg.choleskyEx,
  linalg.cond,
  linalg.eigh,
  linalg.eigvalsh,
  linalg.householderProduct,
  linalg.inv,
  linalg.invEx,
  linalg.lstsq,
  linalg.matrixNorm,
  linalg.matrixRank,
  linalg.qr,
  linalg.solve,
  linalg.svd,
  linalg.svdvals,
  linalg.tensorinv,
  linalg.tensorsolve,
  F.binaryCrossEntropy,
  F.binaryCrossEntropyWithLogits,
  F.cosineEmbeddingLoss,
  F.crossEntropy,
  F.ctcLoss,
  F.hingeEmbeddingLoss,
  F.huberLoss,
  F.klDiv,
  F.l1Loss,
  F.marginRankingLoss,
  F.mseLoss,
  F.multiMarginLoss,
  F.multilabelMarginLoss,
  F.nllLoss,
  F.poissonNllLoss,
  F.smoothL1Loss,
  F.softMarginLoss,
  F.tripletMarginLoss,
];

/** Operations of several tensors that have one dtype: the widest of theirs. */
const WIDEST: readonly object[] = [cat, concat, stack, indexCopy];

/** Operations that are made of products here, and are not in PyTorch: nothing in them is cast. */
const WHOLE: readonly object[] = [F.bilinear];

/** What autocast may cast: numbers of float64 were chosen to be exact. */
const isCastable = (x: Tensor): boolean => x.dtype.isFloatingPoint && x.dtype !== float64;

/** The arguments with `change` done to every tensor in them, in lists too. */
function changed(args: readonly unknown[], change: (x: Tensor) => Tensor): unknown[] {
  return args.map((value) => {
    if (value instanceof Tensor) return change(value);
    return Array.isArray(value) && value.some((each) => each instanceof Tensor) ? changed(value, change) : value;
  });
}

/** The widest dtype among tensors; throws CressetError for one of 16 bits that is not the region's. */
function widest(args: readonly unknown[], lower: DType): DType {
  let found = lower;
  changed(args, (x) => {
    if (!isCastable(x)) return x;
    if (x.dtype !== lower && x.dtype !== float32)
      throw new CressetError("Unexpected floating ScalarType in at::autocast::prioritize");
    if (x.dtype === float32) found = float32;
    return x;
  });
  return found;
}

/** How the tensors among the arguments of an operation are cast in a region of dtype `lower`. */
type Policy = (args: readonly unknown[], lower: DType) => unknown[];

const toLower: Policy = (args, lower) =>
  changed(args, (x) => (isCastable(x) && x.dtype !== lower ? castOnce(x, lower) : x));

const toLowerUnlessOut: Policy = (args, lower) => (args[2] instanceof Tensor ? [...args] : toLower(args, lower));

const unchanged: Policy = (args) => [...args];

const to = (dtype: DType, args: readonly unknown[]): unknown[] =>
  changed(args, (x) => (isCastable(x) && x.dtype !== dtype ? x.to(dtype) : x));

const toFloat32: Policy = (args) => to(float32, args);

const toWidest: Policy = (args, lower) => to(widest(args, lower), args);

/** Constant padding copies numbers; what mirrors or repeats them needs float32. */
const padding: Policy = (args) => {
  const [, amounts, mode] = args;
  const dims = Array.isArray(amounts) ? amounts.length / 2 : 0;
  return mode === "replicate" || (mode === "reflect" && dims < 3) ? toFloat32(args, float32) : [...args];
};

const policies = (
  [
    [PRODUCTS, toLowerUnlessOut],
    [LOWER, toLower],
    [WIDER, toFloat32],
    [WIDEST, toWidest],
    [WHOLE, unchanged],
    [[F.pad], padding],
  ] as const
).flatMap(([operations, policy]) => operations.map((operation) => [operation, policy] as const));

/** An implementation that casts its arguments first; operations that it is made of are not cast again. */
function casting(run: Implementation, policy: Policy): Implementation {
  const { cpu } = modes;
  return (...args) => {
    const mode = cpu.value;
    if (!mode.enabled) return run(...args);
    return cpu.whileSync({ ...mode, enabled: false }, () => run(...policy(args, mode.dtype)));
  };
}

let open = 0;
let restore: readonly (() => void)[] = [];

/** Begins a region: operations cast where the mode says so. Gives back what ends it, which `last` follows when no region is open. */
export function openRegion(last: () => void): () => void {
  if (open++ === 0)
    restore = policies.map(([operation, policy]) => replaceImplementation(operation, (run) => casting(run, policy)));
  return () => {
    if (--open > 0) return;
    for (const put of restore) put();
    last();
  };
}
