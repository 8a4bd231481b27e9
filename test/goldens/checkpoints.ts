// The group `checkpoints`: files written by PyTorch, damaged and hostile ones, safetensors (format: test/data/goldens/checkpoints/README.md).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Case, type Group, type Options, readJson } from "./cases";
import { compareEach, compareJson } from "./compare";
import { call, callMethod, construct, isBag, isTensor, lookup, Mismatch, MissingFunction, member } from "./library";
import { describe, dtypeName, fromBase64, readShape, readTensor } from "./tensors";

interface Stored {
  readonly dtype: string;
  readonly shape: number[];
  readonly b64: string;
  readonly stride: number[];
  readonly storage: number;
  readonly storage_offset: number;
  readonly storage_size: number;
  readonly requires_grad: boolean;
}

type Typed = {
  readonly t: string;
  readonly v?: unknown;
  readonly bits?: string;
  readonly text?: string;
} & Partial<Stored>;

interface Expected {
  readonly outcome: "loads" | "rejects" | "module" | "optional" | "needs_map_location";
  readonly format?: string;
  readonly value?: unknown;
  readonly metadata?: unknown;
}

/** Tensors met on the way, by the number of their storage. */
type Storages = Map<number, { readonly tensor: unknown; readonly stored: Stored }[]>;

/** A mapping's entries in order: the library may give a Map or a plain object. */
function entriesOf(what: string, value: unknown): [unknown, unknown][] {
  if (value instanceof Map) return [...value];
  if (isBag(value) && !isTensor(value)) return Object.entries(value);
  throw new Mismatch(`${what}: expected a mapping, got ${describe(value)}`);
}

function listOf(what: string, value: unknown): unknown[] {
  if (isTensor(value) || typeof value !== "object" || value === null || !(Symbol.iterator in value)) {
    throw new Mismatch(`${what}: expected a list, got ${describe(value)}`);
  }
  return Array.from(value as Iterable<unknown>);
}

function typedList(value: unknown): Typed[] {
  return Array.isArray(value) ? value : [];
}

function compareTensor(what: string, got: unknown, expected: Stored, storages: Storages): void {
  if (!isTensor(got)) throw new Mismatch(`${what}: expected a tensor, got ${describe(got)}`);
  compareEach(
    what,
    readTensor(got),
    fromBase64(expected),
    (a, b) => a === b || Object.is(a, b) || Number(a) === Number(b),
  );
  const numel = expected.shape.reduce((a, b) => a * b, 1);
  if (numel > 0) compareJson(`${what}, stride`, readShape(callMethod(got, "stride")), expected.stride);
  compareJson(`${what}, storageOffset`, callMethod(got, "storage_offset"), expected.storage_offset);
  compareJson(`${what}, requiresGrad`, member(got, "requires_grad"), expected.requires_grad);
  const sharers = storages.get(expected.storage) ?? [];
  storages.set(expected.storage, [...sharers, { tensor: got, stored: expected }]);
}

function compareMapping(what: string, got: unknown, expected: Typed, storages: Storages): void {
  const entries = entriesOf(what, got);
  const wanted: [Typed, Typed][] = Array.isArray(expected.v) ? expected.v : [];
  if (entries.length !== wanted.length)
    throw new Mismatch(`${what}: ${entries.length} entries, expected ${wanted.length}`);
  wanted.forEach(([key, value], i) => {
    const [gotKey, gotValue] = entries[i];
    const label = `${what}[${String(key.v)}]`;
    // A plain object's keys are texts.
    if (got instanceof Map) compareTyped(`key of ${label}`, gotKey, key, storages);
    else if (gotKey !== String(key.v)) throw new Mismatch(`${label}: the key is ${describe(gotKey)}`);
    compareTyped(label, gotValue, value, storages);
  });
}

const kinds: { readonly [t: string]: (what: string, got: unknown, expected: Typed, storages: Storages) => void } = {
  none: (what, got) => compareJson(what, got ?? null, null),
  bool: (what, got, { v }) => compareJson(what, got, v),
  str: (what, got, { v }) => compareJson(what, got, v),
  int: (what, got, { v }) =>
    compareJson(what, [typeof got === "number" || typeof got === "bigint", String(got)], [true, v]),
  float: (what, got, { bits }) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(Number(got));
    const nan = Number.isNaN(got) && Number.isNaN(Buffer.from(bits ?? "", "hex").readDoubleBE());
    if (!nan) compareJson(what, bytes.toString("hex"), bits);
  },
  bytes: (what, got, { b64 }) => {
    compareJson(what, Buffer.from(got instanceof Uint8Array ? got : []).toString("base64"), b64);
  },
  size: (what, got, { v }) =>
    compareJson(
      what,
      readShape(got),
      typedList(v).map((item) => Number(isBag(item) ? item.v : item)),
    ),
  dtype: (what, got, { v }) => compareJson(what, dtypeName(got), String(v).replace(/^torch\./, "")),
  device: (what, got, { v }) => compareJson(what, String(got), v),
};

function compareTyped(what: string, got: unknown, expected: Typed, storages: Storages): void {
  const { t, dtype, shape, b64, stride, storage, storage_offset, storage_size, requires_grad } = expected;
  if (t === "tensor" || t === "parameter") {
    const stored = { dtype, shape, b64, stride, storage, storage_offset, storage_size, requires_grad };
    compareTensor(what, got, stored as Stored, storages);
  } else if (t === "list" || t === "tuple" || t === "set") {
    const items = listOf(what, got);
    const wanted = typedList(expected.v);
    if (items.length !== wanted.length) throw new Mismatch(`${what}: ${items.length} items, expected ${wanted.length}`);
    wanted.forEach((item, i) => {
      compareTyped(`${what}[${i}]`, items[i], item, storages);
    });
  } else if (["dict", "OrderedDict", "defaultdict", "Counter"].includes(t))
    compareMapping(what, got, expected, storages);
  else if (t in kinds) kinds[t](what, got, expected, storages);
  else throw new Mismatch(`${what}: no counterpart of ${t}`);
}

/** Tensors of one storage share memory: zeroing the storage through one of them zeroes all. */
function checkSharing(storages: Storages): void {
  for (const sharers of storages.values()) {
    const { tensor, stored } = sharers[0];
    if (sharers.length < 2 || stored.storage_size === 0) continue;
    const whole = callMethod(callMethod(tensor, "detach"), "as_strided", [stored.storage_size], [1], 0);
    callMethod(whole, "zero_");
    for (const { tensor: other } of sharers) {
      if (readTensor(other).values.some((value) => Number(value) !== 0)) {
        throw new Mismatch(`storage ${stored.storage} is not shared by the tensors that name it`);
      }
    }
  }
}

function load(path: string, ...options: unknown[]): unknown {
  if (path.endsWith(".safetensors")) return call("torch.safetensors.load_file", path);
  return call("torch.load", path, ...options);
}

/** Tensors by name, in any order, as a safetensors file has them: row by row, none with another. */
function compareNamed(value: unknown, expected: { [name: string]: Stored }): void {
  const got = new Map(entriesOf("value", value).map(([name, tensor]) => [String(name), tensor]));
  compareJson("names", [...got.keys()].sort(), Object.keys(expected).sort());
  for (const [name, wanted] of Object.entries(expected)) {
    const tensor = got.get(name);
    if (!isTensor(tensor)) throw new Mismatch(`${name}: expected a tensor, got ${describe(tensor)}`);
    compareEach(name, readTensor(tensor), fromBase64(wanted), (a, b) => Object.is(a, b) || Number(a) === Number(b));
  }
}

/** What a safetensors file holds beside its tensors. */
function compareMetadata(path: string, expected: Expected): void {
  if (expected.format !== "safetensors" || expected.metadata === undefined) return;
  const file = call("torch.safetensors.safe_open", path);
  compareJson("metadata", callMethod(file, "metadata") ?? {}, expected.metadata);
}

function compareLoaded(value: unknown, expected: Expected): void {
  if (expected.value === undefined) return;
  if (expected.format === "safetensors") {
    compareNamed(value, expected.value as { [name: string]: Stored });
    return;
  }
  const storages: Storages = new Map();
  compareTyped("value", value, expected.value as Typed, storages);
  checkSharing(storages);
}

/** Throws unless the load raises an error; returns its message. */
function rejection(path: string): string {
  try {
    load(path);
  } catch (error) {
    if (error instanceof MissingFunction) throw error;
    return error instanceof Error ? error.message : String(error);
  }
  throw new Mismatch("loaded a file that must be rejected");
}

const outcomes: { readonly [outcome in Expected["outcome"]]: (path: string, expected: Expected) => void } = {
  loads: (path, expected) => {
    compareLoaded(load(path), expected);
    compareMetadata(path, expected);
  },
  rejects: (path) => void rejection(path),
  // Foreign values in a checkpoint may be given or refused; either way without running anything.
  optional: (path, expected) => {
    let value: unknown;
    try {
      value = load(path);
    } catch (error) {
      if (error instanceof MissingFunction || !/multiarray/.test(String(error))) throw error;
      return;
    }
    if (!isBag(value)) throw new Mismatch(`expected a mapping, got ${describe(value)} (${expected.format})`);
  },
  module: (path, expected) => {
    let value: unknown;
    try {
      value = load(path);
    } catch (error) {
      if (error instanceof MissingFunction || !/torch\.nn/.test(String(error))) throw error;
      return;
    }
    compareJson("text", String(value), (expected.value as Typed).text);
  },
  needs_map_location: (path, expected) => {
    const forms = ["cpu", construct("torch.Device", "cpu"), { "cuda:0": "cpu" }, (storage: unknown) => storage];
    for (const mapLocation of forms) compareLoaded(load(path, { mapLocation }), expected);
    if (call("torch.cuda.is_available") === false) rejection(path);
  },
};

function* cases(options: Options): Iterable<Case> {
  const folder = join(options.dir, "checkpoints");
  if (!existsSync(join(folder, "index.json"))) return;
  const { files } = readJson<{ files: { file: string }[] }>(options, "checkpoints", "index.json");
  for (const { file } of files) {
    const path = join(folder, file);
    const run = () => {
      lookup(file.endsWith(".safetensors") ? "torch.safetensors.load_file" : "torch.load");
      const expected: Expected = JSON.parse(readFileSync(`${path}.expected.json`, "utf8"));
      outcomes[expected.outcome](path, expected);
      if (existsSync("cresset_was_here")) throw new Mismatch("code of the file was executed");
    };
    const set = file.includes("/") ? file.split("/")[0] : "checkpoints";
    yield { id: file, file: set, run };
  }
}

/** Checkpoints of PyTorch and safetensors. */
export const checkpoints: Group = { name: "checkpoints", cases };
