// torch.save: PyTorch's zip format. A storage is written once, whole, whoever shows a part of it.

import { basename } from "node:path";
import type { Writable } from "../streams";
import { deliver, type FileTarget, joined, storageChunks } from "../sink";
import { type NewEntry, zipChunks } from "../zip/write";
import { Writer } from "./writer";

/** The records of a file whose archive has the given folder. */
function* records(value: unknown, folder: string): Generator<NewEntry> {
  const writer = new Writer();
  writer.value(value);
  const pickle = writer.pickle.done();
  yield { name: `${folder}/data.pkl`, size: pickle.byteLength, chunks: [pickle] };
  for (const { key, storage } of writer.storages.values()) {
    yield { name: `${folder}/data/${key}`, size: storage.bytes, chunks: storageChunks(storage) };
  }
  const version = Buffer.from("3\n");
  yield { name: `${folder}/version`, size: version.byteLength, chunks: [version] };
}

/**
 * Saves tensors, modules and plain values around them for `torch.load`, here or in PyTorch: to a path at once, to a stream as a
 * promise; without a file, returns the bytes. A file is written under a temporary name, synced and renamed: after a crash the previous
 * one is there, whole. Tensors that share memory share it in the file, and a view saves the whole of it (`x.clone()` saves less).
 * Whole numbers become ints in Python, frozen arrays tuples, Maps and plain objects dicts, state_dicts OrderedDicts. Throws
 * ArgumentError, before anything is written, for functions and objects of classes that are no modules. Source: torch.save.
 */
export function save(value: unknown): Uint8Array;
export function save(value: unknown, file: string | URL): void;
export function save(value: unknown, file: Writable): Promise<void>;
export function save(value: unknown, file?: FileTarget): Uint8Array | Promise<void> | void {
  if (file === undefined) return joined(zipChunks(records(value, "archive")));
  return deliver(file, zipChunks(records(value, folderFor(file))));
}

/** The folder of an archive: PyTorch names it after the file. */
function folderFor(file: FileTarget): string {
  const path = typeof file === "string" || file instanceof URL ? String(file) : "";
  return basename(path).replace(/\.[^.]*$/, "") || "archive";
}
