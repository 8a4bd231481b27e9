// Where the bytes of a file go. A format is written as a sequence of chunks; a file gets them under a temporary name, so that whoever
// is killed in the middle leaves the file that was there before.

import {
  chmodSync,
  close,
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Writable } from "./streams";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../errors";
import { addon } from "../native";
import { computePending } from "../tensor/pending";
import { checkShared, type Storage } from "../tensor/storage";
import type { Tensor } from "../tensor/tensor";
import { CHUNK_BYTES } from "./source";

/** How much is handed to the disk at a time. */
const DISK_BYTES = 4 * 2 ** 20;

/** Bytes in order. A chunk is valid until the next one is asked for or other code runs. */
export type Chunks = Iterable<Uint8Array>;

/** The bytes of a storage, or of a part of it, as they lie in its memory. */
export function* storageChunks(storage: Storage, begin = 0, bytes = storage.bytes - begin): Generator<Uint8Array> {
  checkShared(storage);
  computePending();
  const { shared, slot, byteOffset } = storage;
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const from = byteOffset + begin + at;
    const length = Math.min(CHUNK_BYTES, bytes - at);
    if (shared !== null) yield new Uint8Array(shared, from, length);
    else {
      const memory = addon.view(slot, from, length);
      try {
        yield new Uint8Array(memory);
      } finally {
        addon.detach(memory);
      }
    }
  }
}

/** The elements of a tensor that has them row by row without gaps. */
export function elementChunks({ storage, offset, dtype, _numel }: Tensor): Generator<Uint8Array> {
  return storageChunks(storage, offset * dtype.itemsize, _numel * dtype.itemsize);
}

/**
 * Writes small chunks together, since each call of the system costs more than they do. What is written is on its way to the disk while
 * the next chunks are made.
 */
function writeChunks(file: number, chunks: Chunks): void {
  const waiting = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  let written = 0;
  let underWay = 0;
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at, bytes.byteLength - at);
    written += bytes.byteLength;
    if (written - underWay < DISK_BYTES) return;
    addon.beginWriting(file, underWay, written - underWay);
    underWay = written;
  };
  for (const chunk of chunks) {
    const alone = chunk.byteLength >= waiting.byteLength / 2;
    if (alone || used + chunk.byteLength > waiting.byteLength) {
      write(waiting.subarray(0, used));
      used = 0;
    }
    if (alone) write(chunk);
    else {
      waiting.set(chunk, used);
      used += chunk.byteLength;
    }
  }
  write(waiting.subarray(0, used));
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const host = hostname();
let saves = 0;

/** Removes what processes of this machine that were killed while they saved this file have left beside it. */
function removeLeft(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const owner = /^(\d+)-\d+\.part$/.exec(name.slice(prefix.length));
    if (owner === null || isAlive(Number(owner[1]))) continue;
    try {
      unlinkSync(join(folder, name));
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Brings the entry of a renamed file to the disk; file systems without that are as safe as they can be. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  } finally {
    closeSync(opened);
  }
}

/** A file opened for reading; null for one that may only be replaced. */
function openedOrNull(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}

/**
 * Writes a file whole or not at all: under a temporary name beside it, synced, then renamed. A link keeps pointing where it did, and
 * the file keeps its permissions. Pipes and devices are written as they are.
 */
export function writeFile(path: string | URL, chunks: Chunks): void {
  const named = path instanceof URL ? fileURLToPath(path) : path;
  const present = existsSync(named);
  const target = present ? realpathSync(named) : named;
  const status = present ? statSync(target) : null;
  if (status !== null && !status.isFile()) {
    const file = openSync(target, "w");
    try {
      writeChunks(file, chunks);
    } finally {
      closeSync(file);
    }
    return;
  }
  const folder = dirname(target);
  const prefix = `.${basename(target)}.${host}-`;
  const temporary = join(folder, `${prefix}${process.pid}-${saves++}.part`);
  const file = openSync(temporary, "wx");
  const previous = status === null ? null : openedOrNull(target);
  try {
    try {
      writeChunks(file, chunks);
      // The contents and the size: times need not survive a crash.
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    if (status !== null) chmodSync(temporary, status.mode & 0o7777);
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    // The system frees a file with its last name and its last reader, which takes as long as a third of writing it: in another thread.
    if (previous !== null) close(previous, () => undefined);
  }
  syncFolder(folder);
  removeLeft(folder, prefix);
}

/** What a file is written to: a path, or a stream that stays open. */
export type FileTarget = string | URL | Writable;

/** Writes to a path at once, to a stream as a promise. Throws ArgumentError for something else. */
export function deliver(file: string | URL, chunks: Chunks): void;
export function deliver(file: Writable, chunks: Chunks): Promise<void>;
export function deliver(file: FileTarget, chunks: Chunks): Promise<void> | void;
export function deliver(file: FileTarget, chunks: Chunks): Promise<void> | void {
  if (typeof file === "string" || file instanceof URL) return writeFile(file, chunks);
  if (typeof file === "object" && file !== null && typeof file.write === "function") return writeStream(file, chunks);
  throw new ArgumentError(`a file is given by its path or as a stream, not as ${file === null ? "null" : typeof file}`);
}

/** All chunks as one array. */
export function joined(chunks: Chunks): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const chunk of chunks) parts.push(new Uint8Array(chunk));
  return Buffer.concat(parts);
}

/** Writes to a stream as fast as it takes the bytes; the stream stays open. Rejects with the stream's error. */
export async function writeStream(stream: Writable, chunks: Chunks): Promise<void> {
  for (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      stream.write(new Uint8Array(chunk), (error) => (error ? reject(error) : resolve()));
    });
  }
}
