// NumPy's .npy files: a header that is a Python dict, then the elements.

import { ArgumentError, FormatError } from "../../errors";
import { isContiguous } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { elementChunks } from "../sink";
import type { Source } from "../source";
import { descrOf, elementsOf, type Elements } from "./descr";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** NumPy refuses longer ones, too. */
const MAX_HEADER = 10_000;
const ALIGNMENT = 64;

/** What the header of a file says. */
export interface NpyHeader {
  readonly elements: Elements;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/** How much of a file holds any header. */
export const HEADER_ROOM = 12 + MAX_HEADER;

function field(text: string, name: string, value: string): string {
  const found = new RegExp(`['"]${name}['"]\\s*:\\s*(${value})\\s*[,}]`).exec(text);
  if (found === null) throw new FormatError(`Cannot parse header: ${JSON.stringify(text.slice(0, 200))}`);
  return found[1];
}

/** Reads a header from the beginning of a file. Throws FormatError for what is none, and for elements that no tensor has. */
export function readNpyHeader(head: Uint8Array): NpyHeader {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) {
    throw new FormatError("the magic string is not correct; expected b'\\x93NUMPY'");
  }
  const version = bytes[6];
  if (version < 1 || version > 3)
    throw new FormatError(`we only support format version (1,0), (2,0), and (3,0), not ${version}`);
  const begin = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MAX_HEADER) throw new FormatError("Header info length is large and may not be safe to load securely");
  if (begin + length > bytes.length) throw new FormatError("EOF: reading array header, the file is truncated");
  const text = bytes.toString("latin1", begin, begin + length);
  const shape = field(text, "shape", "\\([\\d\\s,L]*\\)").match(/\d+/g) ?? [];
  const sizes = shape.map(Number);
  if (sizes.length > 64 || !Number.isSafeInteger(sizes.reduce((a, b) => a * Math.max(b, 1), 8))) {
    throw new FormatError(`shape (${shape.join(", ")}) is not valid`);
  }
  return {
    elements: elementsOf(field(text, "descr", "['\"][^'\"]*['\"]").slice(1, -1)),
    fortran: field(text, "fortran_order", "True|False") === "True",
    shape: sizes,
    start: begin + length,
  };
}

/** Throws FormatError when a file has not as many elements as its header says; their bytes otherwise. */
export function elementBytes({ elements, shape, start }: NpyHeader, size: number): number {
  const bytes = shape.reduce((a, b) => a * b, elements.dtype.itemsize);
  if (start + bytes > size) throw new FormatError(`cannot reshape: the array has ${size - start} bytes of ${bytes}`);
  return bytes;
}

/** The header of a file that begins like one, from its source. */
export function headerOf(source: Source): NpyHeader {
  return readNpyHeader(source.bytes(0, Math.min(source.size, HEADER_ROOM)));
}

/** A file of one array, and its size. Throws FormatError for a dtype that NumPy does not have. */
export function npyFile(x: Tensor): { size: number; chunks: Generator<Uint8Array> } {
  if (!(x instanceof Tensor)) throw new ArgumentError(`an array to save is a tensor, not ${typeof x}`);
  const detached = x.detach();
  const fortran = !x.contiguousNow && isContiguous([...x.sizes].reverse(), [...x.strides].reverse());
  const data = fortran ? detached.T : detached.contiguous();
  const shape = x.sizes.length === 1 ? `${x.sizes[0]},` : x.sizes.join(", ");
  const text = `{'descr': '${descrOf(x.dtype)}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape}), }`;
  const room = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = Buffer.alloc(room, " ");
  MAGIC.copy(header);
  header.set([1, 0], 6);
  header.writeUInt16LE(room - 10, 8);
  header.write(text, 10, "latin1");
  header[room - 1] = 0x0a;
  function* chunks(): Generator<Uint8Array> {
    yield header;
    yield* elementChunks(data);
  }
  return { size: room + data.numel() * data.dtype.itemsize, chunks: chunks() };
}
