// torch.numpy: NumPy's files, .npy of one array and .npz of several by name.

import type { Writable } from "../streams";
import { FormatError } from "../../errors";
import type { Storage } from "../../tensor/storage";
import type { Tensor } from "../../tensor/tensor";
import { deliver, type FileTarget } from "../sink";
import { type FileSource, openSource, storageOf } from "../source";
import { ZipArchive } from "../zip/read";
import { type NewEntry, zipChunks } from "../zip/write";
import { arrangedTensor, native } from "./descr";
import { elementBytes, HEADER_ROOM, headerOf, type NpyHeader, npyFile, readNpyHeader } from "./npy";

/** Tensors by name. */
export interface Arrays {
  [name: string]: Tensor;
}

/** The tensor of a header whose elements `memory` shows, or `bytes` gives where they need to be turned. */
function arrayOf(header: NpyHeader, memory: () => Storage, bytes: () => Uint8Array): Tensor {
  const { elements, shape, fortran } = header;
  const storage = elements.swapped ? storageOf(native(bytes(), elements)) : memory();
  return arrangedTensor(storage, shape, elements.dtype, fortran);
}

/** The array of a .npy file as a tensor; a large file is mapped into memory. Throws FormatError for another file. Source: numpy.load. */
export function load(file: FileSource): Tensor {
  const source = openSource(file);
  try {
    const head = source.bytes(0, Math.min(source.size, 2));
    if (head[0] === 0x50 && head[1] === 0x4b) throw new FormatError("the file is a .npz file: read it with loadz()");
    const header = headerOf(source);
    const length = elementBytes(header, source.size);
    return arrayOf(
      header,
      () => source.storage(header.start, length, header.elements.dtype.itemsize, null),
      () => source.bytes(header.start, length),
    );
  } finally {
    source.close();
  }
}

/** The arrays of a .npz file by name. Throws FormatError for another file, and for a damaged one. Source: numpy.load. */
export function loadz(file: FileSource): Arrays {
  const source = openSource(file);
  try {
    const archive = new ZipArchive(source);
    const arrays: Arrays = {};
    for (const entry of archive.names()) {
      if (!entry.endsWith(".npy")) throw new FormatError(`the entry '${entry}' of the file is no array`);
      const name = entry.slice(0, -".npy".length);
      const header = readNpyHeader(archive.head(entry, HEADER_ROOM));
      const length = elementBytes(header, archive.size(entry));
      const value = arrayOf(
        header,
        () => archive.storage(entry, header.elements.dtype.itemsize, header.start, length),
        () => archive.bytes(entry).subarray(header.start, header.start + length),
      );
      Object.defineProperty(arrays, name, { value, writable: true, enumerable: true, configurable: true });
    }
    return arrays;
  } finally {
    source.close();
  }
}

/** Writes one array as a .npy file, to a path at once, to a stream as a promise. Throws FormatError for bfloat16. Source: numpy.save. */
export function save(file: string | URL, x: Tensor): void;
export function save(file: Writable, x: Tensor): Promise<void>;
export function save(file: FileTarget, x: Tensor): Promise<void> | void {
  return deliver(file, npyFile(x).chunks);
}

function entriesOf(arrays: { readonly [name: string]: Tensor }, deflate: boolean): NewEntry[] {
  return Object.entries(arrays).map(([name, x]) => ({ name: `${name}.npy`, deflate, ...npyFile(x) }));
}

/** Writes arrays by name as a .npz file; see `save`. Source: numpy.savez. */
export function savez(file: string | URL, arrays: { readonly [name: string]: Tensor }): void;
export function savez(file: Writable, arrays: { readonly [name: string]: Tensor }): Promise<void>;
export function savez(file: FileTarget, arrays: { readonly [name: string]: Tensor }): Promise<void> | void {
  return deliver(file, zipChunks(entriesOf(arrays, false)));
}

/** As `savez`, with compressed arrays. Source: numpy.savez_compressed. */
export function savezCompressed(file: string | URL, arrays: { readonly [name: string]: Tensor }): void;
export function savezCompressed(file: Writable, arrays: { readonly [name: string]: Tensor }): Promise<void>;
export function savezCompressed(file: FileTarget, arrays: { readonly [name: string]: Tensor }): Promise<void> | void {
  return deliver(file, zipChunks(entriesOf(arrays, true)));
}
