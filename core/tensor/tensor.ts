// The Tensor: a strided view of a storage, and what autograd knows of it. Operations are functions in core/ops; they become
// methods in methods.ts. This file imports none of them.

import { inspectSymbol } from "../inspect";
import { AutogradError, CressetError, ShapeError } from "../errors";
import { addon, f64, i32, i64 } from "../native";
import { computePending } from "./pending";
import { cpu, type Device, meta } from "./device";
import type { DType, TypedArray } from "./dtype";
import * as dt from "./dtype";
import { type Layout, strided } from "./layout";
import type { GraphEdge, GraphHook, GraphNode } from "./graph";
import { fixedText, pythonText } from "./python-text";
import { contiguousStrides, isContiguous, numelOf, Size } from "./shape";
import { allocate, checkShared, MetaStorage, type Storage } from "./storage";

type Node = GraphNode<Tensor>;

/** How a view was made, where that forbids writes to it in place which are recorded. */
export type ViewCreation = "noGrad" | "parts" | "function";

/** What a view knows of the tensor whose memory it shows, so that an in-place write to either reaches the other's graph. */
export interface ViewOf {
  /** The tensor that is no view itself. */
  readonly base: Tensor;
  /** Null for a view that is an ordinary recorded one. */
  creation: ViewCreation | null;
  /** Which of several results of one function it is. */
  part: number;
  /** The version of the memory that the view's node is right for. */
  version: number;
}

/** What autograd knows of one tensor; made only for tensors that take part. */
export class GradState {
  requiresGrad = false;
  grad: Tensor | null = null;
  node: Node | null = null;
  output = 0;
  /** What the node knows of a tensor that got another shape or dtype without being recorded; null: what it is now. */
  known: { readonly sizes: readonly number[]; readonly dtype: DType } | null = null;
  /** Keeps the gradient of a tensor that is no leaf. */
  retain: GraphHook<Tensor> | null = null;
  /** Where gradients of a leaf arrive. */
  accumulator: Node | null = null;
  /** Functions that see a leaf's gradient before it is accumulated. */
  leafHooks: GraphHook<Tensor>[] | null = null;
}

/** Any nesting of arrays of numbers, booleans or bigints, as `torch.tensor` takes and `tolist` gives. */
export type NestedArray<T> = T | readonly NestedArray<T>[];
/** What `tolist()` gives: numbers (bigints beyond 2^53) or booleans, nested to the tensor's dimensions. */
export type NestedList = number | bigint | boolean | NestedList[];

/** A property of types only: see BoolTensor. */
declare const truth: unique symbol;

/**
 * A tensor of which the types know that its elements may be booleans, as `x.all()` gives: `item()` may be compared with `true`. Any
 * tensor may be assigned to a variable of this type, since dtypes are no part of the types.
 */
export type BoolTensor = Tensor & { readonly [truth]?: true };

/** What `item()` gives: a number, unless the types know that it may be a boolean. */
type ItemOf<T> = typeof truth extends keyof T ? boolean | number : number;

/**
 * A multi-dimensional array of one dtype, as `torch.Tensor`. Made by `torch.tensor`, `torch.zeros` and their like. The
 * garbage collector frees it; nothing needs disposing.
 */
export class Tensor {
  /** @internal */ _state: GradState | null = null;
  /** @internal */ _view: ViewOf | null = null;
  /** @internal */ _numel!: number;
  private _contiguous: boolean | null = null;
  private _size: Size | null = null;

  /** @internal */ declare readonly storage: Storage;
  /** @internal */ declare readonly sizes: readonly number[];
  /** @internal */ declare readonly strides: readonly number[];
  /** @internal */ declare readonly offset: number;
  /** The kind of the elements: `torch.float32`, … */
  declare readonly dtype: DType;

  /** @internal */
  constructor(
    storage: Storage,
    sizes: readonly number[],
    strides: readonly number[],
    offset: number,
    dtype: DType,
    numel?: number,
  );
  /** Undefined contents in these sizes, in the default float dtype, as `torch.empty`. */
  constructor(...sizes: number[]);
  /** The elements of nested arrays in the default float dtype, or another view of a tensor; `torch.tensor` keeps whole numbers whole. */
  constructor(
    data: NestedArray<number | boolean | bigint | Tensor> | TypedArray | Size,
    options?: { device?: Device | string | null },
  );
  constructor(
    storage?: unknown,
    sizes?: unknown,
    strides?: unknown,
    offset?: unknown,
    dtype?: unknown,
    numel?: number,
    ...more: unknown[]
  ) {
    if (typeof dtype !== "object") {
      // Given as many arguments as the user gave, of which the unnamed ones at the end are undefined.
      const args = [storage, sizes, strides, offset, dtype, numel, ...more];
      // biome-ignore lint/correctness/noConstructorReturn: PyTorch's older constructor, whose tensors are made like all others
      return construct(args.slice(0, args.findLastIndex((value) => value !== undefined) + 1)) as this;
    }
    this.storage = storage as Storage;
    this.sizes = sizes as readonly number[];
    this.strides = strides as readonly number[];
    this.offset = offset as number;
    this.dtype = dtype as DType;
    this._numel = numel ?? numelOf(this.sizes);
  }

  /** The sizes of all dimensions, as `torch.Size`. */
  get shape(): Size {
    if (this._size === null) this._size = new Size(this.sizes);
    return this._size;
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.sizes.length;
  }

  /** The size of the first dimension (PyTorch: `len(x)`). Throws for a 0-d tensor, in PyTorch's words. */
  get length(): number {
    if (this.sizes.length === 0) throw new CressetError("len() of a 0-d tensor");
    return this.sizes[0];
  }

  /** The device that holds the elements. */
  get device(): Device {
    return this.storage instanceof MetaStorage ? meta : cpu;
  }

  /** Whether operations on this tensor are recorded for backward. Setting it is `requiresGrad_(value)`. */
  get requiresGrad(): boolean {
    return needsGrad(this);
  }

  set requiresGrad(value: boolean) {
    if (value && !this.dtype.isFloatingPoint) {
      throw new AutogradError("only Tensors of floating point and complex dtype can require gradients");
    }
    // A view that was not looked at since its base was written is still the leaf that it was made as.
    if (!value && this._state !== null && this._state.node !== null) {
      throw new AutogradError(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that " +
          "doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    if (value || this._state !== null) this.state().requiresGrad = value;
  }

  /** The gradient that backward accumulated here, or null. */
  get grad(): Tensor | null {
    return this._state?.grad ?? null;
  }

  set grad(value: Tensor | null | undefined) {
    if (value === null || value === undefined) {
      if (this._state !== null) this._state.grad = null;
      return;
    }
    if (!(value instanceof Tensor))
      throw new AutogradError(`assigned grad expected to be a Tensor or None but got ${typeof value}`);
    if (value.dtype !== this.dtype) {
      throw new AutogradError(
        `assigned grad has data of a different type: a grad of dtype ${value.dtype} cannot be assigned to a tensor of dtype ${this.dtype}`,
      );
    }
    if (value.sizes.join() !== this.sizes.join()) {
      throw new AutogradError(
        `assigned grad has data of a different size: a grad of shape [${value.sizes.join(", ")}] cannot be assigned to a tensor of shape [${this.sizes.join(", ")}]`,
      );
    }
    this.state().grad = value;
  }

  /** The recorded operation that made this tensor, or null for a leaf. */
  get gradFn(): Node | null {
    const view = this._view;
    if (view !== null && view.version !== this.storage.version) renewNode(this, view);
    return this._state === null ? null : this._state.node;
  }

  /** Which result of its operation this is. */
  get outputNr(): number {
    return this._state?.output ?? 0;
  }

  /** Whether no recorded operation made this tensor. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** Whether the gradient of a tensor that is no leaf is kept. */
  get retainsGrad(): boolean {
    return this._state !== null && this._state.retain !== null;
  }

  /** The tensor without its graph and with a version of its own: writes to it are not seen by backward. */
  get data(): Tensor {
    return new Tensor(this.storage.twin(), this.sizes, this.strides, this.offset, this.dtype, this._numel);
  }

  /** Replaces the contents, shape and dtype by another tensor's, sharing its memory; neither the graph nor the version tells. */
  set data(value: Tensor) {
    if (!(value instanceof Tensor)) throw new CressetError(`data must be a Tensor, not ${typeof value}`);
    const { version } = this.storage;
    this.become(value.data);
    this.storage.version = version;
  }

  /** @internal Shows the same elements as another tensor from now on, in the same shape. */
  become({ storage, sizes, strides, offset, dtype, _numel }: Tensor): void {
    if (this._state !== null && this._state.node !== null)
      this._state.known ??= { sizes: this.sizes, dtype: this.dtype };
    Object.assign(this, { storage, sizes, strides, offset, dtype });
    this._numel = _numel;
    this._contiguous = null;
    this._size = null;
  }

  /** How elements are laid out: always strided. */
  get layout(): Layout {
    return strided;
  }

  /** All dimensions reversed. */
  get T(): Tensor {
    return this.permute(this.sizes.map((_, d) => this.sizes.length - 1 - d));
  }

  /** The last two dimensions swapped; a 0-d tensor stays. Throws ShapeError for a vector. */
  get mT(): Tensor {
    if (this.sizes.length === 0) return this;
    if (this.sizes.length < 2) {
      throw new ShapeError(
        `tensor.mT is only supported on matrices or batches of matrices. Got ${this.sizes.length}-D tensor.`,
      );
    }
    return this.transpose(-2, -1);
  }

  /** A matrix transposed. Throws ShapeError for other than 0 or 2 dimensions. */
  get H(): Tensor {
    if (this.sizes.length !== 0 && this.sizes.length !== 2) {
      throw new ShapeError(`tensor.H is only supported on matrices (2-D tensors). Got ${this.sizes.length}-D tensor.`);
    }
    return this.T;
  }

  /** Bytes per element. */
  get itemsize(): number {
    return this.dtype.itemsize;
  }

  /** How often this tensor's memory was written in place (PyTorch: `_version`). */
  get _version(): number {
    return this.storage.version;
  }

  /** The tensor whose memory this view shows, or null (PyTorch: `_base`). */
  get _base(): Tensor | null {
    return this._view === null ? null : this._view.base;
  }

  /** @internal */
  state(): GradState {
    if (this._state === null) this._state = new GradState();
    return this._state;
  }

  /** @internal Row-major without gaps. */
  get contiguousNow(): boolean {
    if (this._contiguous === null) this._contiguous = isContiguous(this.sizes, this.strides);
    return this._contiguous;
  }

  /** @internal Another view of the same storage, unrecorded. */
  alias(sizes: readonly number[], strides: readonly number[], offset: number): Tensor {
    return new Tensor(this.storage, sizes, strides, offset, this.dtype);
  }

  /** @internal The elements row by row in a new typed array; float16 and bfloat16 as their bits. */
  raw(): TypedArray {
    const out = new this.dtype.array(this._numel);
    if (this._numel > 0) {
      const { storage, offset, dtype } = this.contiguousNow ? this : copy(this, this.dtype);
      checkShared(storage);
      computePending();
      addon.readBytes(storage.slot, storage.byteOffset + offset * dtype.itemsize, out.byteLength, out);
    }
    return out;
  }

  /** @internal The elements row by row as JavaScript values, read at once: numbers, booleans for bool, bigints beyond 2^53. */
  elements(): ArrayLike<number | bigint | boolean> {
    const { dtype } = this;
    if (dtype === dt.float16 || dtype === dt.bfloat16) return copy(this, dt.float32).raw();
    const raw = this.raw();
    if (dtype === dt.bool) return Array.from(raw as Uint8Array, (byte) => byte !== 0);
    return dtype === dt.int64 ? Array.from(raw as BigInt64Array, exactNumber) : raw;
  }

  /** @internal The element at an offset from the tensor's first, in elements of storage. */
  elementAt(step: number): number | bigint | boolean {
    const { storage, dtype } = this;
    checkShared(storage);
    computePending();
    i32[0] = storage.slot;
    i32[1] = dtype.code;
    f64[0] = storage.byteOffset + (this.offset + step) * dtype.itemsize;
    i32[2] = 0;
    addon.read();
    if (dtype === dt.int64 && i32[2] === 1) return i64[0];
    return dtype === dt.bool ? f64[0] !== 0 : f64[0];
  }

  /**
   * The only element as a JavaScript value: a number, a boolean for bool tensors, a bigint for integers beyond 2^53
   * (PyTorch: `Tensor.item`). Throws CressetError when there is not exactly one element.
   */
  item(): ItemOf<this> {
    if (this._numel !== 1) throw new CressetError("only one element tensors can be converted to Python scalars");
    return this.elementAt(0) as ItemOf<this>;
  }

  /** What `JSON.stringify` writes: the elements as nested arrays. NaN and infinities become null there. */
  toJSON(): NestedList {
    return this.tolist<NestedList>();
  }

  /** Whether the elements are on a CUDA device (PyTorch: `Tensor.is_cuda`). */
  get isCuda(): boolean {
    return this.device.type === "cuda";
  }

  /**
   * The elements as nested arrays, a plain value for a 0-d tensor (PyTorch: `Tensor.tolist`).
   * `T` is what the caller knows of shape and dtype: a row of numbers unless it says otherwise, as in
   * `const rows: number[][] = x.tolist()` or `mask.tolist<boolean[]>()`.
   */
  tolist<T extends NestedList = number[]>(): T {
    const { sizes } = this;
    if (sizes.length === 0) return this.elementAt(0) as NestedList as T;
    const values = this.elements();
    let next = 0;
    const build = (dim: number): NestedList[] => {
      const list = new Array<NestedList>(sizes[dim]);
      const last = dim === sizes.length - 1;
      for (let i = 0; i < list.length; i++) list[i] = last ? values[next++] : build(dim + 1);
      return list;
    };
    return build(0) as NestedList as T;
  }

  /** The number of elements. */
  numel(): number {
    return this._numel;
  }

  /** The text that PyTorch prints. */
  toString(): string {
    return format(this);
  }

  [inspectSymbol](): string {
    return format(this);
  }

  /**
   * The number of a tensor without dimensions with `digits` decimals (default 0), rounded as Python rounds: `f"{loss:.3f}"` is
   * `loss.toFixed(3)`. Throws TypeError for a tensor with dimensions or without memory, and RangeError for other than 0 to 100 digits.
   * Source: `Tensor.__format__`.
   */
  toFixed(digits = 0): string {
    if (!formatsElement(this)) throw new TypeError("unsupported format string passed to Tensor.__format__");
    return fixedText(Number(this.item()), digits);
  }

  /**
   * The number in a tensor of one element where JavaScript asks for a number, as in `+x`. Where it asks for text, as `${x}` and
   * `String(x)` do, the text of Python's f-strings: of a tensor without dimensions its number (`0.5`, `8`, `1e-05`, `True`), otherwise
   * the text of `toString()`.
   */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === "number") return Number(this.item());
    return formatsElement(this) ? pythonText(this.item(), { float: this.dtype.isFloatingPoint }) : this.toString();
  }

  /** Iterates over the first dimension. Throws for a 0-d tensor, in PyTorch's words. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.sizes.length === 0) throw new CressetError("iteration over a 0-d tensor");
    for (let i = 0; i < this.sizes[0]; i++) yield this.select(0, i);
  }
}

/** Whether `Tensor.__format__` formats the element instead of the tensor. */
function formatsElement({ sizes, device }: Tensor): boolean {
  return sizes.length === 0 && device.type !== "meta";
}

/** A tensor that a module trains, as `nn.Parameter`. */
export class Parameter extends Tensor {
  /** Sets the type apart: a module's parameter cannot be replaced by a tensor that nobody would train. */
  declare protected readonly trained: true;

  /** Shares the data of `data`; requires grad unless told otherwise. */
  constructor(data: Tensor, requiresGrad: boolean | { requiresGrad?: boolean } = true) {
    super(data.storage, data.sizes, data.strides, data.offset, data.dtype);
    const wanted = typeof requiresGrad === "boolean" ? requiresGrad : (requiresGrad.requiresGrad ?? true);
    if (wanted && !data.dtype.isFloatingPoint) {
      throw new AutogradError("Only Tensors of floating point and complex dtype can require gradients");
    }
    if (wanted) this.requiresGrad = true;
  }
}

// Set by the printing room, so that tensors can exist without it.
let format: (tensor: Tensor) => string = (tensor) =>
  `tensor(shape=[${tensor.sizes.join(", ")}], dtype=${tensor.dtype})`;

// Set by the room that computes, so that tensors can exist without it.
let copy: (tensor: Tensor, dtype: DType) => Tensor = () => {
  throw new CressetError("nothing that copies tensors was loaded");
};

/** @internal The room that computes says how a tensor is copied row by row, in a dtype. */
export function setCopy(copier: (tensor: Tensor, dtype: DType) => Tensor): void {
  copy = copier;
}

const EXACT = 2 ** 53;

/** A whole number as a number where that is exact, as an element is read one by one. */
function exactNumber(value: bigint): number | bigint {
  return value <= EXACT && value >= -EXACT ? Number(value) : value;
}

let construct: (args: readonly unknown[]) => Tensor;

/** @internal The room of creation says what `new torch.Tensor(2, 3)` makes. */
export function setConstructor(maker: (args: readonly unknown[]) => Tensor): void {
  construct = maker;
}

/** @internal */
export function setFormatter(formatter: (tensor: Tensor) => string): void {
  format = formatter;
}

/** Whether operations on a tensor are recorded: also for a view of a tensor that requires grad. */
export function needsGrad(tensor: Tensor): boolean {
  const { _state, _view } = tensor;
  if (_state?.requiresGrad) return true;
  return _view?.base._state?.requiresGrad ?? false;
}

let renewNode: (tensor: Tensor, view: ViewOf) => void = () => undefined;

/** @internal The autograd room says how a view gets a new node after its memory was written in place. */
export function setViewRenewal(renewal: (tensor: Tensor, view: ViewOf) => void): void {
  renewNode = renewal;
}

/** A new contiguous tensor with undefined contents. */
export function empty(sizes: readonly number[], dtype: DType): Tensor {
  const numel = numelOf(sizes);
  return new Tensor(allocate(numel * dtype.itemsize), sizes, contiguousStrides(sizes), 0, dtype, numel);
}

/** A tensor on the meta device: a shape and a dtype without elements. */
export function emptyMeta(sizes: readonly number[], dtype: DType): Tensor {
  const numel = numelOf(sizes);
  return new Tensor(new MetaStorage(numel * dtype.itemsize), sizes, contiguousStrides(sizes), 0, dtype, numel);
}

/** A new tensor with undefined contents and the memory layout of `like`, which must be dense. */
export function emptyLayout(like: Tensor, dtype: DType): Tensor {
  return new Tensor(allocate(like._numel * dtype.itemsize), like.sizes, like.strides, 0, dtype, like._numel);
}

/** A new tensor with undefined contents and strides that leave no gaps. */
export function emptyStrided(sizes: readonly number[], strides: readonly number[], dtype: DType): Tensor {
  const numel = numelOf(sizes);
  return new Tensor(allocate(numel * dtype.itemsize), sizes, strides, 0, dtype, numel);
}

/** Where the gradient of a tensor goes, or null when it needs none. */
export function edgeOf(tensor: Tensor, accumulator: (leaf: Tensor) => Node): GraphEdge<Tensor> | null {
  if (!needsGrad(tensor)) return null;
  const node = tensor.gradFn;
  const state = tensor.state();
  const { sizes, dtype } = state.known ?? tensor;
  if (node !== null) return { node, output: state.output, sizes, dtype };
  // A view without a node of its own, of a tensor that requires grad: it was made without recording.
  if (!state.requiresGrad) return null;
  if (state.accumulator === null) state.accumulator = accumulator(tensor);
  return { node: state.accumulator, output: 0, sizes, dtype };
}
