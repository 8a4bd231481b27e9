// The header of a safetensors file: JSON that says where each tensor is. It is damaged until it is shown to be sound.

import { FormatError } from "../../errors";
import { type DType, dtypes } from "../../tensor/dtype";
import { numelOf } from "../../tensor/shape";
import type { Source } from "../source";

/** The dtypes by their names in a file. */
export const NAMES: { readonly [name: string]: string } = {
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

/** Texts by name, which a file may hold beside the tensors. */
export type Metadata = { readonly [name: string]: string };

/** Where a tensor is in a file. */
export interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a file says of its tensors. */
export interface Header {
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

/** Metadata as such. Throws FormatError for what is no map of texts. */
export function readMetadata(value: unknown): Metadata {
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

/** The header of a file. Throws FormatError for one that is damaged or does not fit the file. */
export function readHeader(source: Source): Header {
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
