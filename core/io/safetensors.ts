// torch.safetensors: the format of the safetensors package. Tensors by name and nothing else: a header of JSON, then their elements.

import { ArgumentError, FormatError } from "../errors";
import { StateDict } from "../nn";
import type { Index } from "../ops/index/indexing-parse";
import { type Device, meta, requireDevice } from "../tensor/device";
import { type DType, dtypes } from "../tensor/dtype";
import { contiguousStrides, numelOf, Size } from "../tensor/shape";
import { emptyMeta, Tensor } from "../tensor/tensor";
import { type Chunks, deliver, elementChunks, joined } from "./sink";
import { type FileSource, openSource, type Source, sourceOf } from "./source";

const NAMES: { readonly [name: string]: string } = {
  BOOL: "bool",
  U8: "uint8",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
};
const MAX_HEADER = 100_000_000;
/** The header is filled up with blanks, so that elements lie at multiples of their size. */
const ALIGNMENT = 8;

/** Tensors by name. */
export type NamedTensors = { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>;
/** Texts by name, which a file may hold beside the tensors. */
export type Metadata = { readonly [name: string]: string };

interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: Metadata | null;
  /** Where the elements begin. */
  readonly start: number;
}

function invalid(what: string): never {
  throw new FormatError(`Error while deserializing header: ${what}`);
}

/** Throws FormatError for a name that stands twice in the header: JSON.parse would keep the last. */
function checkUnique(text: string): void {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon !== undefined) {
      const name: string = JSON.parse(token.slice(0, -colon.length));
      if (seen.has(name)) invalid(`the name ${name} stands twice`);
      seen.add(name);
    }
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, value: unknown): Entry {
  const { dtype: code, shape, data_offsets: offsets } = (value ?? {}) as { [field: string]: unknown };
  const dtype = dtypes.find((each) => each.name === NAMES[String(code)]);
  if (typeof code !== "string" || dtype === undefined) invalid(`the tensor ${name} has the dtype ${String(code)}`);
  if (!Array.isArray(shape) || !shape.every(isCount) || shape.length > 64) invalid(`the tensor ${name} has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    invalid(`the tensor ${name} has no place`);
  const [begin, end] = offsets;
  if (end - begin !== numelOf(shape) * dtype.itemsize) {
    invalid(`the tensor ${name} has ${end - begin} bytes, which are not its shape [${shape.join(", ")}] of ${code}`);
  }
  return { dtype, shape, begin, end };
}

function readMetadata(value: unknown): Metadata {
  const fits = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!fits || Object.values(value).some((text) => typeof text !== "string"))
    invalid("__metadata__ is no map of texts");
  return value as Metadata;
}

function parseHeader(source: Source): { text: string; start: number } {
  if (source.size < 8) invalid("HeaderTooSmall");
  const prefix = source.bytes(0, 8);
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER) invalid("HeaderTooLarge");
  const start = 8 + Number(length);
  if (start > source.size) invalid("InvalidHeaderLength");
  const bytes = source.bytes(8, Number(length));
  if (bytes[0] !== 0x7b) invalid("InvalidHeaderStart");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), start };
  } catch {
    return invalid("InvalidHeader: it is no UTF-8");
  }
}

function readHeader(source: Source): Header {
  const { text, start } = parseHeader(source);
  let parsed: object;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    invalid(`InvalidHeaderDeserialization: ${(error as Error).message}`);
  }
  checkUnique(text);
  const entries = new Map<string, Entry>();
  let metadata: Metadata | null = null;
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "__metadata__") metadata = readMetadata(value);
    else if (name === "__proto__") invalid("a tensor cannot be called __proto__");
    else entries.set(name, readEntry(name, value));
  }
  let at = 0;
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) invalid(`the tensor ${name} begins at ${begin}, and what is before it ends at ${at}`);
    at = end;
  }
  if (start + at !== source.size) invalid(`the file has ${source.size - start} bytes of elements, the header ${at}`);
  return { entries, metadata, start };
}

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
