// torch.nn.utils.rnn: sequences of different lengths, padded to one tensor or packed step by step without padding.

import { overloaded, signed } from "../arguments/signed";
import { record } from "../autograd/record";
import { ArgumentError, CressetError } from "../errors";
import { inspectSymbol } from "../inspect";
import type { ToArguments } from "../ops/create/convert";
import { arange, full, tensor, zeros } from "../ops/create/create";
import type { Device } from "../tensor/device";
import { type DType, float16, float32, float64, int16, int32, int64, int8, uint8 } from "../tensor/dtype";
import { typeName } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";

/** The fields of a packed sequence, in the order in which it is iterated. */
type Fields = [data: Tensor, batchSizes: Tensor, sortedIndices: Tensor | null, unsortedIndices: Tensor | null];

/**
 * Sequences of different lengths, longest first, step after step: `data` (ΣL, …) holds the first step of all sequences, then the
 * second of those that have one, and so on; `batchSizes` (T, int64) counts the sequences of each step. `sortedIndices` says which
 * sequence of the batch stands at each place, `unsortedIndices` the inverse; null when the batch was sorted already. Recurrent
 * networks take it and give it. Source: torch.nn.utils.rnn.PackedSequence.
 */
export class PackedSequence {
  readonly unsortedIndices: Tensor | null;

  constructor(
    readonly data: Tensor,
    readonly batchSizes: Tensor,
    readonly sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    this.unsortedIndices = unsortedIndices ?? (sortedIndices === null ? null : invertPermutation(sortedIndices));
  }

  /** Whether the data is on a CUDA device. */
  get isCuda(): boolean {
    return this.data.isCuda;
  }

  private with(data: Tensor): PackedSequence {
    if (data === this.data) return this;
    const { batchSizes, sortedIndices, unsortedIndices } = this;
    return new PackedSequence(
      data,
      batchSizes,
      sortedIndices?.to(data.device) ?? null,
      unsortedIndices?.to(data.device) ?? null,
    );
  }

  /** With the data converted or moved as `Tensor.to` does it, the indices moved along. */
  to(...args: ToArguments): PackedSequence {
    return this.with(this.data.to(...args));
  }

  private as(dtype: DType): PackedSequence {
    return this.with(this.data.to(dtype));
  }

  /** On a CUDA device. Throws DeviceError where there is none. */
  cuda(device: Device | string = "cuda"): PackedSequence {
    return this.to(device);
  }

  /** On the CPU. */
  cpu(): PackedSequence {
    return this.to("cpu");
  }

  /** Data as float64. */
  double(): PackedSequence {
    return this.as(float64);
  }

  /** Data as float32. */
  float(): PackedSequence {
    return this.as(float32);
  }

  /** Data as float16. */
  half(): PackedSequence {
    return this.as(float16);
  }

  /** Data as int64. */
  long(): PackedSequence {
    return this.as(int64);
  }

  /** Data as int32. */
  int(): PackedSequence {
    return this.as(int32);
  }

  /** Data as int16. */
  short(): PackedSequence {
    return this.as(int16);
  }

  /** Data as int8. */
  char(): PackedSequence {
    return this.as(int8);
  }

  /** Data as uint8. */
  byte(): PackedSequence {
    return this.as(uint8);
  }

  /** The fields in order: `const [data, batchSizes] = packed`. */
  [Symbol.iterator](): IterableIterator<Fields[number]> {
    const fields: Fields = [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
    return fields.values();
  }

  toString(): string {
    const { data, batchSizes, sortedIndices, unsortedIndices } = this;
    const fields = {
      data: data.toString(),
      batch_sizes: batchSizes.toString(),
      sorted_indices: sortedIndices?.toString() ?? "None",
      unsorted_indices: unsortedIndices?.toString() ?? "None",
    };
    const texts = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    return `PackedSequence(${texts.join(", ")})`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

interface InvertPermutation {
  (permutation: Tensor | { permutation: Tensor }): Tensor;
  (permutation: null | { permutation: null }): null;
}

/** The inverse of a permutation (n, int64); null for null. Source: torch.nn.utils.rnn.invert_permutation. */
export const invertPermutation = overloaded<InvertPermutation>([
  "def invertPermutation(Tensor? permutation)",
  (permutation: Tensor | null): Tensor | null =>
    permutation === null
      ? null
      : permutation.newEmpty([...permutation.sizes]).scatter(0, permutation, arange(permutation.numel())),
]);

/** The steps that sequences have, counted: how many of them, longest first, have a first step, a second, and so on. */
function batchSizesOf(lengths: readonly number[]): number[] {
  return Array.from({ length: lengths[0] }, (_, t) => lengths.filter((length) => length > t).length);
}

/** The rows of (T · B, …) that sequences fill, step after step; `batchSizes` of a batch of B. */
function rowsOf(batchSizes: readonly number[], batch: number): Tensor {
  const rows = batchSizes.flatMap((count, t) => Array.from({ length: count }, (_, b) => t * batch + b));
  return tensor(rows, { dtype: int64 });
}

/** The rows of (T, B, …) that sequences fill, step after step. */
function packed(input: Tensor, batchSizes: readonly number[]): Tensor {
  const [steps, batch, ...rest] = input.sizes;
  const rows = rowsOf(batchSizes, batch);
  const out = input
    .detach()
    .reshape(steps * batch, ...rest)
    .indexSelect(0, rows);
  record("PackPaddedSequenceBackward0", [input], [out], ([grad]) => {
    const whole = zeros([steps * batch, ...rest], { dtype: input.dtype });
    return [whole.indexAdd(0, rows, grad as Tensor).reshape(steps, batch, ...rest)];
  });
  return out;
}

/** (T, B, …) of which sequences fill rows step after step; the rest holds `value`. */
function padded(data: Tensor, batchSizes: readonly number[], steps: number, value: number): Tensor {
  const [, ...rest] = data.sizes;
  const batch = batchSizes[0];
  const rows = rowsOf(batchSizes, batch);
  const out = full([steps * batch, ...rest], value, { dtype: data.dtype })
    .indexCopy_(0, rows, data.detach())
    .reshape(steps, batch, ...rest);
  record("CopySlices", [data], [out], ([grad]) => [
    (grad as Tensor).reshape(steps * batch, ...rest).indexSelect(0, rows),
  ]);
  return out;
}

/** Lengths as numbers. Throws CressetError for a tensor of another shape than (B). */
function lengthsOf(lengths: Tensor | readonly number[]): number[] {
  if (!(lengths instanceof Tensor)) return [...lengths];
  if (lengths.ndim !== 1 || lengths.dtype !== int64) {
    throw new CressetError(
      `'lengths' argument should be a 1D CPU int64 tensor, but got ${lengths.ndim}D ${lengths.device.type} ${typeWord(lengths.dtype)} tensor`,
    );
  }
  return lengths.tolist() as number[];
}

const TYPE_WORDS: ReadonlyMap<DType, string> = new Map([
  [float64, "Double"],
  [float32, "Float"],
  [float16, "Half"],
  [int64, "Long"],
  [int32, "Int"],
  [int16, "Short"],
  [int8, "Char"],
  [uint8, "Byte"],
]);

function typeWord(dtype: DType): string {
  return TYPE_WORDS.get(dtype) ?? String(dtype);
}

/**
 * Packs padded sequences (T, B, …), or (B, T, …) with `batchFirst`, of the given lengths. Sequences come longest first unless
 * `enforceSorted` (default true) is false. Throws CressetError for lengths that are not sorted, not positive, or not one per
 * sequence. Source: torch.nn.utils.rnn.pack_padded_sequence.
 */
export const packPaddedSequence = signed(
  "def packPaddedSequence(Tensor input, Tensor|int[] lengths, bool batchFirst=False, bool enforceSorted=True)",
  (
    input: Tensor,
    lengths: Tensor | readonly number[],
    batchFirst?: boolean,
    enforceSorted?: boolean,
  ): PackedSequence => {
    const given = lengthsOf(lengths);
    if (input.numel() === 0) throw new CressetError("Cannot pack empty tensors.");
    const batch = input.sizes[batchFirst ? 0 : 1];
    if (given.length !== batch) {
      throw new CressetError(
        `Expected \`len(lengths)\` to be equal to batch_size, but got ${given.length} (batch_size=${batch})`,
      );
    }
    if (enforceSorted ?? true) {
      requireLengths(given);
      return new PackedSequence(packed(batchFirst ? input.transpose(0, 1) : input, batchSizesOf(given)), counts(given));
    }
    const order = given.map((_, b) => b).sort((a, b) => given[b] - given[a]);
    const sorted = order.map((b) => given[b]);
    requireLengths(sorted);
    const indices = tensor(order, { dtype: int64 });
    const chosen = input.indexSelect(batchFirst ? 0 : 1, indices);
    const data = packed(batchFirst ? chosen.transpose(0, 1) : chosen, batchSizesOf(sorted));
    return new PackedSequence(data, counts(sorted), indices);
  },
);

const counts = (lengths: readonly number[]): Tensor => tensor(batchSizesOf(lengths), { dtype: int64 });

/** Throws CressetError unless lengths are positive and fall from first to last. */
function requireLengths(lengths: readonly number[]): void {
  if (lengths[lengths.length - 1] <= 0) {
    throw new CressetError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
  if (lengths.some((length, k) => k > 0 && length > lengths[k - 1])) {
    throw new CressetError(
      "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.",
    );
  }
}

/**
 * Undoes packing: sequences padded with `paddingValue` (0) as (T, B, …), or (B, T, …) with `batchFirst`, in the order of their
 * batch, and their lengths (B, int64). `totalLength` makes T longer. Source: torch.nn.utils.rnn.pad_packed_sequence.
 */
export const padPackedSequence = signed(
  "def padPackedSequence(value sequence, bool batchFirst=False, float paddingValue=0.0, int? totalLength=None)",
  (
    sequence: PackedSequence,
    batchFirst?: boolean,
    paddingValue?: number,
    totalLength?: number | null,
  ): [padded: Tensor, lengths: Tensor] => {
    const { data, unsortedIndices } = sequence;
    const sizes = sequence.batchSizes.tolist() as number[];
    const longest = sizes.length;
    const steps = totalLength ?? longest;
    if (steps < longest) {
      throw new ArgumentError(
        `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${steps} and max sequence length being ${longest}`,
      );
    }
    const lengths = Array.from({ length: sizes[0] }, (_, b) => sizes.filter((count) => count > b).length);
    const found = tensor(lengths, { dtype: int64 });
    const inOrder = padded(data, sizes, steps, paddingValue ?? 0);
    const out = batchFirst ? inOrder.transpose(0, 1) : inOrder;
    if (unsortedIndices === null) return [out, found];
    return [out.indexSelect(batchFirst ? 0 : 1, unsortedIndices), found.indexSelect(0, unsortedIndices)];
  },
);

/**
 * Sequences (L, …) of different lengths as one tensor (T, B, …), or (B, T, …) with `batchFirst`, filled up with `paddingValue`
 * (0). A tensor is the list of its rows. Source: torch.nn.utils.rnn.pad_sequence.
 */
export const padSequence = signed(
  "def padSequence(value sequences, bool batchFirst=False, float paddingValue=0.0)",
  (sequences: Iterable<Tensor> | Tensor, batchFirst?: boolean, paddingValue?: number): Tensor => {
    if (typeof sequences?.[Symbol.iterator] !== "function") {
      throw new CressetError(
        `pad_sequence: Expected iterable for input sequences, but got arg of type: <class '${typeName(sequences)}'>`,
      );
    }
    const list: Tensor[] = [...sequences];
    if (list.length === 0) throw new CressetError("received an empty list of sequences");
    const steps = Math.max(...list.map((sequence) => sequence.sizes[0]));
    const [, ...rest] = list[0].sizes;
    const start = batchFirst ? [list.length, steps] : [steps, list.length];
    const out = full([...start, ...rest], paddingValue ?? 0, { dtype: list[0].dtype });
    list.forEach((sequence, b) => {
      const place = out.select(batchFirst ? 0 : 1, b).narrow(0, 0, sequence.sizes[0]);
      place.copy_(sequence);
    });
    return out;
  },
);

/**
 * The sequences of a padded tensor (T, B, …), or (B, T, …) with `batchFirst`, of the lengths (B). Without `batchFirst` the tensor
 * is transposed in place, as PyTorch does it. Source: torch.nn.utils.rnn.unpad_sequence.
 */
export const unpadSequence = signed(
  "def unpadSequence(Tensor paddedSequences, value lengths, bool batchFirst=False)",
  (paddedSequences: Tensor, lengths: Tensor | readonly number[], batchFirst?: boolean): Tensor[] => {
    if (!batchFirst) paddedSequences.transpose_(0, 1);
    const given = lengths instanceof Tensor ? (lengths.tolist() as number[]) : lengths;
    const count = Math.min(paddedSequences.sizes[0], given.length);
    const places = arange(paddedSequences.sizes[1]);
    return Array.from({ length: count }, (_, b) => paddedSequences.select(0, b).at(places.lt(given[b])));
  },
);

/** Packs sequences (L, …), longest first unless `enforceSorted` (default true) is false. Source: torch.nn.utils.rnn.pack_sequence. */
export const packSequence = signed(
  "def packSequence(value sequences, bool enforceSorted=True)",
  (sequences: readonly Tensor[], enforceSorted?: boolean): PackedSequence => {
    const lengths = sequences.map((sequence) => sequence.sizes[0]);
    return packPaddedSequence(padSequence(sequences), lengths, false, enforceSorted);
  },
);

/** The sequences that were packed, in the order of their batch. Source: torch.nn.utils.rnn.unpack_sequence. */
export const unpackSequence = signed(
  "def unpackSequence(value packedSequences)",
  (packedSequences: PackedSequence): Tensor[] => {
    const [whole, lengths] = padPackedSequence(packedSequences, true);
    return unpadSequence(whole, lengths, true);
  },
);
