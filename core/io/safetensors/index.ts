// torch.safetensors: the format of the safetensors package. Tensors by name and nothing else: a header of JSON, then their elements.

import { ArgumentError, FormatError } from "../../errors";
import { StateDict } from "../../nn";
import type { Index } from "../../ops/index/indexing-parse";
import { type Device, meta, requireDevice } from "../../tensor/device";
import { contiguousStrides, Size } from "../../tensor/shape";
import { emptyMeta, Tensor } from "../../tensor/tensor";
import { type Chunks, deliver, elementChunks, joined } from "../sink";
import { type FileSource, openSource, type Source, sourceOf } from "../source";
import { type Entry, type Header, type Metadata, NAMES, readHeader, readMetadata } from "./header";

export type { Metadata };

/** The header is filled up with blanks, so that elements lie at multiples of their size. */
const ALIGNMENT = 8;

/** Tensors by name. */
export type NamedTensors = { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>;

/** One file whose header was read. */
class Reader {
  readonly header: Header;
  private readonly meta: boolean;

  constructor(
    readonly source: Source,
    device: string | Device,
  ) {
    this.meta = requireDevice(device) === meta;
    this.header = readHeader(source);
  }

  entry(name: string): Entry {
    const found = this.header.entries.get(name);
    if (found === undefined) throw new FormatError(`File does not contain tensor ${name}`);
    return found;
  }

  tensor(name: string): Tensor {
    const { dtype, shape, begin, end } = this.entry(name);
    if (this.meta) return emptyMeta(shape, dtype);
    const storage = this.source.storage(this.header.start + begin, end - begin, dtype.itemsize, null);
    return new Tensor(storage, shape, contiguousStrides(shape), 0, dtype);
  }

  all(): StateDict {
    return new StateDict([...this.header.entries.keys()].map((name) => [name, this.tensor(name)] as const));
  }
}

function read(source: Source, device: string | Device): StateDict {
  try {
    return new Reader(source, device).all();
  } finally {
    source.close();
  }
}

/** All tensors of a file; a large one is mapped into memory. Throws FormatError for an invalid file. Source: safetensors.torch.load_file. */
export function loadFile(filename: string | URL, device: string | Device = "cpu"): StateDict {
  return read(openSource(filename), device);
}

/** All tensors of a file that is in memory. Throws FormatError for an invalid one. Source: safetensors.torch.load. */
export function load(data: ArrayBuffer | ArrayBufferView): StateDict {
  return read(sourceOf(data), "cpu");
}

/** A tensor of an open file of which parts are read. */
export class SafeSlice {
  /** @internal */
  constructor(
    private readonly reader: Reader,
    private readonly name: string,
  ) {}

  /** The sizes of the whole tensor. */
  getShape(): Size {
    return new Size(this.reader.entry(this.name).shape);
  }

  /** The dtype as the format names it: `F32`. */
  getDtype(): string {
    const { dtype } = this.reader.entry(this.name);
    return Object.keys(NAMES).find((code) => NAMES[code] === dtype.name) as string;
  }

  /** The part that indices choose, as of `Tensor.at`, in memory of its own: nothing else of the file is read. */
  at(...indices: Index[]): Tensor {
    return this.reader
      .tensor(this.name)
      .at(...indices)
      .clone();
  }
}

/** A file of which tensors are read one by one; see safeOpen. */
export class SafeFile {
  private reader: Reader | null;

  /** @internal */
  constructor(source: Source, device: string | Device) {
    this.reader = new Reader(source, device);
  }

  private open(): Reader {
    if (this.reader === null) throw new FormatError("the file is closed");
    return this.reader;
  }

  /** The names of the tensors. */
  keys(): string[] {
    return [...this.open().header.entries.keys()];
  }

  /** The texts that the file holds beside the tensors; null when it holds none. */
  metadata(): Metadata | null {
    return this.open().header.metadata;
  }

  /** The tensor of a name. Throws FormatError when there is none. */
  getTensor(name: string): Tensor {
    return this.open().tensor(name);
  }

  /** The tensor of a name, of which parts are read: `file.getSlice("w").at("0:10")`. Throws FormatError when there is none. */
  getSlice(name: string): SafeSlice {
    this.open().entry(name);
    return new SafeSlice(this.open(), name);
  }

  /** Gives the file back; tensors that were read stay. */
  close(): void {
    this.reader?.source.close();
    this.reader = null;
  }
}

/**
 * Opens a file without reading its tensors: `keys()`, `metadata()`, `getTensor(name)`, `getSlice(name).at(…)`, `close()`. Throws
 * FormatError for an invalid file. Source: safetensors.safe_open.
 */
export function safeOpen(filename: FileSource, options: { device?: string | Device } = {}): SafeFile {
  return new SafeFile(openSource(filename, true), options.device ?? "cpu");
}

function checkSavable(tensors: readonly (readonly [string, Tensor])[]): void {
  const taken = new Map<string, { name: string; begin: number; end: number }[]>();
  for (const [name, tensor] of tensors) {
    if (!(tensor instanceof Tensor)) {
      throw new ArgumentError(`Key \`${name}\` is invalid, expected torch.Tensor but received ${typeof tensor}`);
    }
    if (name === "__metadata__" || name === "__proto__") throw new ArgumentError(`a tensor cannot be called ${name}`);
    if (!tensor.isContiguous()) {
      throw new ArgumentError(
        `You are trying to save a non contiguous tensor: \`${name}\` which is not allowed. It either means you are trying to save ` +
          "tensors which are reference of each other in which case it's recommended to save only the full tensors, and reslice at " +
          "load time, or simply call `.contiguous()` on your tensor to pack it before saving.",
      );
    }
    const { storage, offset, dtype } = tensor;
    const begin = storage.byteOffset + offset * dtype.itemsize;
    const end = begin + tensor.numel() * dtype.itemsize;
    const others = taken.get(String(storage.slot)) ?? [];
    const other = others.find((each) => each.begin < end && begin < each.end);
    if (other !== undefined) {
      throw new ArgumentError(
        "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: " +
          `[{'${other.name}', '${name}'}].`,
      );
    }
    taken.set(String(storage.slot), [...others, { name, begin, end }]);
  }
}

function* fileChunks(tensors: NamedTensors, metadata: Metadata | null): Generator<Uint8Array> {
  const named: (readonly [string, Tensor])[] = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  checkSavable(named);
  // Wide elements first, so that all lie at multiples of their size; among equals by name, as the package has them.
  named.sort(([a, x], [b, y]) => y.dtype.itemsize - x.dtype.itemsize || (a < b ? -1 : 1));
  const header: { [name: string]: unknown } = metadata === null ? {} : { __metadata__: readMetadata(metadata) };
  let at = 0;
  for (const [name, { dtype, sizes, _numel }] of named) {
    const code = Object.keys(NAMES).find((each) => NAMES[each] === dtype.name);
    const end = at + _numel * dtype.itemsize;
    header[name] = { dtype: code, shape: sizes, data_offsets: [at, end] };
    at = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT, " ");
  padded.set(text);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(padded.length));
  yield prefix;
  yield padded;
  for (const [, tensor] of named) yield* elementChunks(tensor);
}

/** A file of tensors by name as bytes; see saveFile. Source: safetensors.torch.save. */
export function save(tensors: NamedTensors, metadata: Metadata | null = null): Uint8Array {
  return joined(fileChunks(tensors, metadata) satisfies Chunks);
}

/**
 * Writes tensors by name, with texts beside them. The file appears whole or not at all. Throws ArgumentError for tensors that are not
 * contiguous and for such that share memory, since the format has neither. Source: safetensors.torch.save_file.
 */
export function saveFile(tensors: NamedTensors, filename: string | URL, metadata: Metadata | null = null): void {
  deliver(filename, fileChunks(tensors, metadata));
}
