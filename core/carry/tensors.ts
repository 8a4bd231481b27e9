// Tensors on their way to another thread. Large memory is not copied: both sides hold the block, and who writes it first makes a copy.

import { addon } from "../native";
import { dtypes } from "../tensor/dtype";
import { computePending } from "../tensor/pending";
import { adopt, allocate, checkShared, MetaStorage, shareBlock, type Storage, takeBlock } from "../tensor/storage";
import { empty, Parameter, Tensor } from "../tensor/tensor";
import type { Packed, StorageNode, TensorNode } from "./format";

/** Below so many bytes a copy costs less than sharing. */
const SHARED_BYTES = 4096;

/** Properties that every tensor has. */
export const tensorFields: ReadonlySet<string> = new Set(Object.keys(empty([0], dtypes[0])));

export function packStorage(storage: Storage): StorageNode {
  const { bytes, byteOffset, shared } = storage;
  if (storage instanceof MetaStorage) return { kind: "storage", bytes, meta: true };
  checkShared(storage);
  computePending();
  if (shared instanceof SharedArrayBuffer)
    return { kind: "storage", contents: new Uint8Array(shared, byteOffset, bytes), bytes };
  const block = bytes >= SHARED_BYTES ? shareBlock(storage) : 0;
  if (block !== 0) return { kind: "storage", block, byteOffset, bytes };
  const contents = new Uint8Array(bytes);
  if (bytes > 0) addon.readBytes(storage.slot, byteOffset, bytes, contents);
  return { kind: "storage", contents, bytes };
}

export function unpackStorage(node: StorageNode): Storage {
  if ("meta" in node) return new MetaStorage(node.bytes);
  if ("block" in node) return takeBlock(node.block, node.byteOffset, node.bytes);
  const { contents, bytes } = node;
  if (contents.buffer instanceof SharedArrayBuffer) return adopt(contents.buffer, contents.byteOffset, bytes);
  const storage = allocate(bytes);
  if (bytes > 0) addon.writeBytes(storage.slot, storage.byteOffset, contents);
  return storage;
}

/** A tensor without its graph and its gradient. */
export function packTensor(value: Tensor, storage: (of: Storage) => Packed): TensorNode {
  const { sizes, strides, offset, dtype, requiresGrad, isLeaf } = value;
  return {
    kind: "tensor",
    storage: storage(value.storage),
    sizes: [...sizes],
    strides: [...strides],
    offset,
    dtype: dtype.name,
    requiresGrad: requiresGrad && isLeaf,
    parameter: value instanceof Parameter,
  };
}

export function unpackTensor(node: TensorNode, storage: Storage): Tensor {
  const dtype = dtypes.find(({ name }) => name === node.dtype);
  if (dtype === undefined) throw new TypeError(`no dtype is called ${node.dtype}`);
  const made = new Tensor(storage, node.sizes, node.strides, node.offset, dtype);
  if (node.parameter) return new Parameter(made, node.requiresGrad);
  if (node.requiresGrad) made.requiresGrad = true;
  return made;
}

/** Gives up memory that nobody will take. */
export function discardStorage(node: StorageNode): void {
  if ("block" in node) addon.drop(node.block);
}
