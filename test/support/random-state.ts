// Random nested state, and what it is as a text: for tests of what saves and loads it.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as torch from "cresset";
import { everyDtype } from "./dtypes";

const compiled = createRequire(resolve(__dirname, "../../dist/test/fuzz/main.js"));
export const { Random } = compiled("./random.js") as typeof import("../fuzz/random");
export type Choices = InstanceType<typeof Random>;

/** A tensor of random bits: every NaN and denormal may occur. */
function bits(random: Choices, dtypes = everyDtype): torch.Tensor {
  const dtype = random.pick(dtypes);
  const sizes = Array.from({ length: random.below(4) }, () => random.below(5));
  const count = sizes.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from({ length: count * dtype.itemsize }, () => random.below(dtype === torch.bool ? 2 : 256));
  const strides = sizes.map((_, d) => sizes.slice(d + 1).reduce((a, b) => a * Math.max(b, 1), 1));
  return new torch.Tensor(torch.fromTypedArray(bytes).clone().storage, sizes, strides, 0, dtype);
}

const TEXTS = ["", "a", "naïve", "😀", "__proto__", "constructor", "1", "-1", "1.5", "\ud800", "a.b"];

/** A value that a checkpoint may hold. */
export function state(random: Choices, depth = 0): unknown {
  const kind = random.below(depth > 4 ? 7 : 13);
  switch (kind) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.pick([0, 1, -1, 255, 65536, -(2 ** 31), 2 ** 40, Number.MAX_SAFE_INTEGER]);
    case 2:
      return random.pick([0.5, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1.7e308]);
    case 3:
      return random.pick([2n ** 53n, -(2n ** 63n), 2n ** 64n - 1n, -(2n ** 2050n)]);
    case 4:
      return random.pick(TEXTS);
    case 5:
      return Uint8Array.from({ length: random.below(9) }, () => random.below(256));
    case 6:
    case 7:
      return bits(random);
    case 8:
      return Object.freeze(many(random, depth));
    case 9:
      return new Set([1, "x", 2.5].slice(random.below(3)));
    case 10: {
      const keys = [
        ...new Set(Array.from({ length: random.below(4) }, () => random.pick(["a", "b", "lr", 0, 7]))),
      ].sort();
      return Object.fromEntries(keys.map((key) => [key, state(random, depth + 1)]));
    }
    case 11:
      return new Map(
        ["1", 1, -5, ...TEXTS].slice(0, 1 + random.below(9)).map((key) => [key, state(random, depth + 1)]),
      );
    default:
      return many(random, depth);
  }
}

function many(random: Choices, depth: number): unknown[] {
  return Array.from({ length: random.below(5) }, () => state(random, depth + 1));
}

/** A tensor as a text of its bits. */
export const shown = (x: torch.Tensor) => `${x.dtype} ${x.shape} ${Buffer.from(x.raw().buffer).toString("hex")}`;

/** Tensors as texts of their bits, the rest as it is. */
export function plain(data: unknown): unknown {
  if (data instanceof torch.Tensor) return shown(data);
  if (Array.isArray(data)) return { frozen: Object.isFrozen(data), items: data.map(plain) };
  if (data instanceof Map) return [...data].map(([key, item]) => [key, plain(item)]);
  if (data instanceof Set || data instanceof Uint8Array) return data;
  if (typeof data === "object" && data !== null) return Object.entries(data).map(([key, item]) => [key, plain(item)]);
  return data;
}

/** Tensors of random bits under random names, without the dtypes that a format does not have. */
export function namedBits(random: Choices, absent: readonly torch.DType[] = []): [string, torch.Tensor][] {
  const known = everyDtype.filter((dtype) => !absent.includes(dtype));
  return Array.from({ length: random.below(6) }, (_, k) => [
    `${random.pick(["w", "é", "a.b", "ö😀"])}${k}`,
    bits(random, known),
  ]);
}
