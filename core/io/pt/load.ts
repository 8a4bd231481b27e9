// torch.load: PyTorch's zip format and the one before it. Nothing of a file is run; see globals.ts for what it may name.

import { isOptions } from "../../arguments/arguments";
import type { Readable } from "../streams";
import { ArgumentError, FormatError } from "../../errors";
import type { Device } from "../../tensor/device";
import type { PickleHost } from "../pickle/machine";
import { unpickle } from "../pickle/read";
import { type FileSource, isReadable, openSource, readAll, type Source, sourceOf } from "../source";
import { ZipArchive } from "../zip/read";
import { Converter } from "./convert";
import { type Classes, globalOf, persistentOf } from "./globals";
import { readLegacy } from "./legacy";
import { StorageRef } from "./parts";
import { type MapLocation, StorageTable } from "./storages";

/** What `load` takes by name. */
export interface LoadOptions {
  /** Where the tensors go. Default: where they were saved. */
  mapLocation?: MapLocation | null;
  /** Classes of modules, and of other objects, that the file may name: `{ Net }`. */
  classes?: Classes;
  /** Whether the file may hold tensors and plain values only, and no objects of classes. Default false: known classes are made. */
  weightsOnly?: boolean;
  /** Whether the file is mapped into memory. Default: files from 16 MB on are. */
  mmap?: boolean;
}

const OPTIONS: ReadonlySet<string> = new Set(["mapLocation", "classes", "weightsOnly", "mmap"]);

function hostOf({ classes = {}, weightsOnly }: LoadOptions, seen: (ref: StorageRef) => void): PickleHost {
  return {
    global: (module, name) => globalOf(module, name, weightsOnly ? null : classes),
    persistent: (id) => {
      const found = persistentOf(id);
      if (found instanceof StorageRef) seen(found);
      return found;
    },
  };
}

/** The folder that the records of an archive are in. */
function folderOf(archive: ZipArchive): string {
  const names = archive.names();
  const pickle = names.find((name) => name === "data.pkl" || name.endsWith("/data.pkl"));
  if (pickle === undefined) {
    throw new FormatError("PytorchStreamReader failed locating file data.pkl: file not found");
  }
  const folder = pickle.slice(0, -"data.pkl".length);
  if (archive.has(`${folder}constants.pkl`)) throw new FormatError("the file is a TorchScript archive, which is code");
  return folder;
}

function loadZip(source: Source, options: LoadOptions): unknown {
  const archive = new ZipArchive(source);
  const folder = folderOf(archive);
  if (archive.has(`${folder}byteorder`) && Buffer.from(archive.bytes(`${folder}byteorder`)).toString() !== "little") {
    throw new FormatError("the file is of a big-endian machine");
  }
  const pickle = archive.bytes(`${folder}data.pkl`);
  const { value } = unpickle(
    pickle,
    0,
    hostOf(options, () => undefined),
  );
  const storages = new StorageTable((key, bytes, itemsize) => {
    const name = `${folder}data/${key}`;
    if (archive.has(name) && archive.size(name) !== bytes) {
      throw new FormatError(`the file is damaged: the storage ${key} has ${archive.size(name)} bytes, not ${bytes}`);
    }
    return archive.storage(name, itemsize);
  }, options.mapLocation);
  return new Converter(storages).value(value);
}

function loadLegacy(source: Source, options: LoadOptions): unknown {
  const itemsizes = new Map<string, number>();
  const host = hostOf(options, ({ key, dtype }) => itemsizes.set(key, dtype.itemsize));
  const { value, sizes, read } = readLegacy(source, host, (key) => itemsizes.get(key));
  const storages = new StorageTable(read, options.mapLocation);
  for (const [key, bytes] of sizes) storages.declare(key, bytes);
  return new Converter(storages).value(value);
}

function loadSource(source: Source, options: LoadOptions): unknown {
  const head = source.bytes(0, Math.min(source.size, 4));
  const zipped = head.length === 4 && head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
  return zipped ? loadZip(source, options) : loadLegacy(source, options);
}

function loadFrom(file: FileSource, options: LoadOptions): unknown {
  const source = openSource(file, options.mmap);
  try {
    return loadSource(source, options);
  } finally {
    source.close();
  }
}

/** Where tensors go, as it may be given in second place: a mapping of locations is given by name. */
type PositionalLocation = Exclude<MapLocation, { readonly [location: string]: string | Device }> | null;

function readOptions(given: PositionalLocation | LoadOptions | undefined, named: LoadOptions): LoadOptions {
  let options = named;
  if (isOptions(given)) options = given as LoadOptions;
  else if (given !== undefined) options = { ...named, mapLocation: given as PositionalLocation };
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name)) throw new ArgumentError(`load() got an unexpected keyword argument '${name}'`);
  }
  return options;
}

/**
 * What `torch.save` saved, here or in PyTorch: from a path or from bytes at once, from a stream as a promise. Tensors that shared
 * memory share it again. Large files are mapped into memory: their pages are read when they are touched, and what is written stays in
 * memory. Throws FormatError for a damaged file and for one that names anything but tensors, plain values and known classes, which
 * the error names; DeviceError for tensors of a device that is not there, unless `mapLocation` says another.
 * Source: torch.load.
 */
export function load<T = unknown>(file: Readable, options?: LoadOptions): Promise<T>;
export function load<T = unknown>(file: Readable, mapLocation: PositionalLocation, options?: LoadOptions): Promise<T>;
export function load<T = unknown>(file: FileSource, options?: LoadOptions): T;
export function load<T = unknown>(file: FileSource, mapLocation: PositionalLocation, options?: LoadOptions): T;
export function load(
  file: FileSource | Readable,
  given?: PositionalLocation | LoadOptions,
  named: LoadOptions = {},
): unknown {
  const options = readOptions(given, named);
  if (isReadable(file)) return readAll(file).then((bytes) => loadSource(sourceOf(bytes as Uint8Array), options));
  return loadFrom(file, options);
}
