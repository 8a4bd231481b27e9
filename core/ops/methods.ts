// Operations become methods here: every function of these families takes the tensor first and is a method of its own name, and
// every elementwise op also has the in-place method with a trailing underscore. No list of names: the modules are the lists.

import * as autograd from "../autograd/methods";
import * as convert from "./create/convert";
import * as fill from "./create/fill";
import * as copy from "./create/copy";
import * as covariance from "./matrix/covariance";
import { type FormulaTable, type OutOption, opOf, register, type TensorOrScalar } from "./elementwise/define";
import * as indexed from "./index/take";
import * as indexing from "./index/indexing";
import * as extremes from "./reduce/extremes";
import { leftOutMethods } from "./left-out";
import * as linalg from "./matrix/linalg";
import * as algebra from "./linalg/top";
import * as products from "./matrix/products";
import type { CreateOptions, TensorData } from "./create/create";
import * as created from "./create/new";
import * as pointwise from "./elementwise/pointwise";
import * as query from "./shared/query";
import * as rearrange from "./create/rearrange";
import * as histograms from "./reduce/histogram";
import * as quantile from "./reduce/quantile";
import type { Pointwise } from "./elementwise/pointwise-op";
import type { Named } from "./shared/named";
import type { GeneratorOption, Whole } from "./random/random-inplace";
import * as randomInPlace from "./random/random-inplace";
import * as reduce from "./reduce/reduce";
import * as region from "./index/scatter-view";
import * as sample from "./random/sample";
import * as slice from "./view/slice";
import * as split from "./view/split";
import * as splitMethod from "./view/split-method";
import * as statistics from "./reduce/statistics";
import type { ValuesIndices } from "./index/values-indices";
import * as scan from "./reduce/scan";
import * as scanInPlace from "./reduce/scan-inplace";
import * as scatter from "./index/scatter";
import * as scatterInPlace from "./index/scatter-inplace";
import * as softmax from "./reduce/softmax";
import * as sort from "./index/sort";
import * as distinct from "./index/unique";
import * as view from "./view/view";
import * as viewInPlace from "./view/view-inplace";
import * as composed from "./elementwise/composed";
import * as inPlace from "./inplace";
import type { ScatterOptions } from "./index/scattering";
import type { DType, Scalar } from "../tensor/dtype";
import type { Size } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { type Callee, Signature } from "../arguments/signature";
import { type MethodOf, methodOf, signature } from "../arguments/signed";

/** A function of a tensor as its method. */
type Method<F> = F extends { readonly [signature]: unknown }
  ? MethodOf<F>
  : F extends (input: Tensor, ...rest: infer R) => infer T
    ? (...rest: R) => T
    : F extends (input: TensorOrScalar, ...rest: infer R) => infer T
      ? (...rest: R) => T
      : never;

type Methods<M> = { [K in keyof M]: Method<M[K]> };
type InPlace<M> = { [K in keyof M as `${string & K}_`]: Method<M[K]> };

/** `scatter` as a method. */
interface Scattering {
  (
    dim: number,
    index: Tensor,
    src: Tensor | Scalar | Omit<ScatterOptions, "dim" | "index">,
    options?: Pick<ScatterOptions, "reduce">,
  ): Tensor;
  (dim: number, options: Omit<ScatterOptions, "dim">): Tensor;
  (options: ScatterOptions): Tensor;
}

/** A method that measures how far elements are spread. */
interface SpreadOf<R> {
  (unbiased?: boolean): R;
  (
    dim: statistics.Dims | statistics.VarianceOptions,
    unbiased?: boolean | statistics.VarianceOptions,
    keepdim?: boolean | statistics.VarianceOptions,
  ): R;
}

/** Methods whose calls have several forms, which a mapped type cannot carry over. */
interface Overloaded {
  to(...args: convert.ToArguments): Tensor;
  var: SpreadOf<Tensor>;
  std: SpreadOf<Tensor>;
  varMean: SpreadOf<[Tensor, Tensor]>;
  stdMean: SpreadOf<[Tensor, Tensor]>;
  newTensor(data: TensorData, options?: CreateOptions): Tensor;
  newTensor(options: CreateOptions & { data: TensorData }): Tensor;
  random_(options?: GeneratorOption): Tensor;
  random_(to: Whole, options?: GeneratorOption): Tensor;
  random_(from: Whole, to: Whole | null, options?: GeneratorOption): Tensor;
  random_(options: GeneratorOption & { from?: Whole; to: Whole | null }): Tensor;
  tensorSplit(
    indicesOrSections: number | readonly number[] | Tensor | split.TensorSplitOptions,
    dim?: number | { dim?: number },
  ): Tensor[];
  hsplit(indicesOrSections: number | readonly number[] | split.SplitOptions): Tensor[];
  vsplit(indicesOrSections: number | readonly number[] | split.SplitOptions): Tensor[];
  dsplit(indicesOrSections: number | readonly number[] | split.SplitOptions): Tensor[];
  scatter: Scattering;
  scatter_: Scattering;
  repeatInterleave(options?: { outputSize?: number | null }): Tensor;
  repeatInterleave(
    repeats: number | Tensor | indexed.RepeatOptions,
    dim?: number | null | indexed.RepeatOptions,
    options?: indexed.RepeatOptions,
  ): Tensor;
  size(): Size;
  size(dim: number | { dim: number }): number;
  median(): Tensor;
  median(dim: number | { dim?: number; keepdim?: boolean }, keepdim?: boolean): ValuesIndices;
  nanmedian(): Tensor;
  nanmedian(dim: number | { dim?: number; keepdim?: boolean }, keepdim?: boolean): ValuesIndices;
  unique(): Tensor;
  unique(options: distinct.UniqueOptions & ({ returnInverse: true } | { returnCounts: true })): Tensor[];
  unique(...args: (boolean | number | null | undefined | distinct.UniqueOptions)[]): Tensor | Tensor[];
  uniqueConsecutive(): Tensor;
  uniqueConsecutive(options: distinct.UniqueOptions & ({ returnInverse: true } | { returnCounts: true })): Tensor[];
  uniqueConsecutive(...args: (boolean | number | null | undefined | distinct.UniqueOptions)[]): Tensor | Tensor[];
  polygamma(n: Scalar): Tensor;
  polygamma_(n: Scalar): Tensor;
  floatPower(exponent: TensorOrScalar, options?: OutOption): Tensor;
  floatPower(options: { exponent: TensorOrScalar } & OutOption): Tensor;
  histogram(bins: number | Tensor, options?: histograms.HistogramOptions): Named<["hist", "binEdges"]>;
  nonzero(): Tensor;
  nonzero(options: { asTuple: true }): Tensor[];
  nonzero(options: { asTuple?: boolean }): Tensor | Tensor[];
  stride(): number[];
  stride(dim: number | { dim: number }): number;
  type(): string;
  type(
    dtype: DType | string | { readonly dtype: DType } | { dtype: DType | string | { readonly dtype: DType } },
  ): Tensor;
  max(): Tensor;
  max(other: Tensor | { other: Tensor }): Tensor;
  max(dim: number | { dim: number; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): ValuesIndices;
  min(): Tensor;
  min(other: Tensor | { other: Tensor }): Tensor;
  min(dim: number | { dim: number; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): ValuesIndices;
  where(condition: Tensor, other: TensorOrScalar, options?: OutOption): Tensor;
  lu(pivot?: boolean, getInfos?: false): [Tensor, Tensor];
  lu(pivot: boolean, getInfos: true): [Tensor, Tensor, Tensor];
  lu(options: { pivot?: boolean; getInfos: true }): [Tensor, Tensor, Tensor];
  lu(options: { pivot?: boolean; getInfos?: false }): [Tensor, Tensor];
}

type Families = Methods<typeof autograd> &
  Methods<typeof composed> &
  Methods<typeof inPlace> &
  Methods<typeof convert> &
  Methods<typeof copy> &
  Methods<typeof fill> &
  Methods<typeof covariance> &
  Methods<typeof indexed> &
  Methods<typeof indexing> &
  Methods<typeof extremes> &
  Methods<typeof linalg> &
  Methods<typeof algebra> &
  Methods<typeof products> &
  Methods<typeof slice> &
  typeof leftOutMethods &
  Methods<Pick<typeof histograms, "histogram">> &
  Methods<Omit<typeof split, keyof typeof splitMethod>> &
  Methods<typeof splitMethod> &
  Methods<typeof statistics> &
  Methods<typeof created> &
  Methods<typeof pointwise> &
  InPlace<typeof pointwise> &
  Methods<typeof query> &
  Methods<typeof rearrange> &
  Methods<typeof quantile> &
  Methods<typeof randomInPlace> &
  Methods<typeof reduce> &
  Methods<typeof region> &
  Methods<typeof sample> &
  Methods<typeof scan> &
  Methods<typeof scanInPlace> &
  Methods<typeof scatter> &
  Methods<typeof scatterInPlace> &
  Methods<typeof softmax> &
  Methods<typeof sort> &
  Methods<typeof distinct> &
  Methods<typeof view> &
  Methods<typeof viewInPlace>;

/** Everything that a tensor can do, from the families of operations. */
export interface TensorMethods extends Omit<Families, keyof Overloaded>, Overloaded {
  /**
   * Iterates over the first dimension. Declared here beside the class: of a class that another file adds to, TypeScript may lose members
   * with computed names when it checks some files only.
   */
  [Symbol.iterator](): IterableIterator<Tensor>;
}

declare module "../tensor/tensor" {
  interface Tensor extends TensorMethods {}
}

const families = [
  { histogram: histograms.histogram },
  leftOutMethods,
  autograd,
  composed,
  inPlace,
  convert,
  fill,
  copy,
  covariance,
  indexed,
  indexing,
  linalg,
  algebra,
  products,
  created,
  query,
  rearrange,
  quantile,
  randomInPlace,
  reduce,
  region,
  sample,
  scan,
  scanInPlace,
  scatter,
  scatterInPlace,
  softmax,
  sort,
  distinct,
  view,
  viewInPlace,
  extremes,
  slice,
  split,
  splitMethod,
  statistics,
];

function define(name: string, value: (this: Tensor, ...args: unknown[]) => unknown): void {
  Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

for (const family of families) {
  for (const [name, f] of Object.entries(family)) {
    const call: (...args: never[]) => unknown = f;
    const method = methodOf(f);
    if (method !== null) {
      define(name, method);
      continue;
    }
    define(name, function (...args) {
      return Reflect.apply(call, undefined, [this, ...args]);
    });
  }
}

/** Defines a method that has the signature of an op. */
function defineOf(op: Pointwise, name: string, value: (this: Tensor, ...args: unknown[]) => unknown): void {
  define(name, value);
  Object.defineProperty(value, signature, { get: () => op.signature });
}

register(pointwise satisfies FormulaTable);
for (const [name, f] of Object.entries(pointwise)) {
  const op = opOf(f);
  if (op === null) continue;
  const callee: Callee = { bound: 1 };
  if (op.row.condition) {
    const own = new Signature(`${name}(Tensor condition, Tensor|Number other, *, Tensor? out=None)`);
    defineOf(op, name, function (...args) {
      const [condition, other, out = null] = args.length === 2 && args[0] instanceof Tensor ? args : own.read(args);
      return op.apply(out === null ? [condition, this, other] : [condition, this, other, { out }], null, callee);
    });
    continue;
  }
  defineOf(op, name, function (...args) {
    return op.apply([this, ...args], null, callee);
  });
  const inPlace: Callee = { bound: 1, name: `${name}_` };
  defineOf(op, `${name}_`, function (...args) {
    return op.apply([this, ...args], this, inPlace);
  });
}
