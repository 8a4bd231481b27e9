// Ten thousand calls of public functions with arguments that make no sense: each returns or throws an Error, and the process lives.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, runScript } from "../support/child";

const CALLS = 10_000;
const PER_PROCESS = 2_500;

/** Calls functions found by walking the namespace, with arguments from a seeded generator. */
const script = (seed: number) => `
  const { createRequire } = require("node:module");
  const torch = createRequire(${JSON.stringify(join(root, "package.json"))})("cresset");
  const fs = require("node:fs");

  let state = ${seed} >>> 0;
  const next = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296);
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];

  const dtypes = ["float32", "float64", "int64", "int32", "uint8", "bool"].map((name) => torch[name]);
  const shapes = [[], [0], [1], [3], [4], [2, 3], [3, 2], [3, 3], [0, 3], [1, 1, 1], [2, 3, 4], [1, 2, 5, 5], [2, 1, 3, 1, 2]];
  const makeTensor = () => {
    const x = torch.ones(pick(shapes), { dtype: pick(dtypes) });
    const roll = below(5);
    if (roll === 0 && x.ndim > 1) return x.transpose(0, 1);
    if (roll === 1 && x.dtype.isFloatingPoint) return x.mul(1).requiresGrad_();
    if (roll === 2 && x.dtype.isFloatingPoint) return x.requiresGrad_().mul(2);
    return x;
  };
  const keys = ["dim", "keepdim", "dtype", "device", "requiresGrad", "size", "p", "dims", "alpha", "beta", "end", "start",
    "step", "out", "reduction", "weight", "bias", "kernelSize", "stride", "padding", "dilation", "groups", "descending",
    "largest", "sorted", "generator", "fillValue", "min", "max", "input", "other", "lr", "nonsense"];
  // Numbers from 100 to 10^15 are left out: as sizes they are no nonsense, only large.
  const numbers = [-3, -2, -1, -0, 0, 1, 2, 3, 5, 17, 70, 0.5, -1.5, 1e-9, NaN, Infinity, -Infinity, 2 ** 53, 1e18, 1e300, -(2 ** 40)];
  const texts = ["", "mean", "sum", "cpu", "cuda", "cuda:99", "nonsense", "1:", "::0", "5:1:-1", "...", "float32", "\\u0000"];
  const kinds = [
    makeTensor, makeTensor, makeTensor, () => pick(numbers), () => pick(numbers), () => pick(texts), () => null, () => undefined,
    () => true, () => BigInt(below(9)) - 4n, () => 2n ** 70n, () => ({}), () => Symbol("junk"), () => () => 0, () => pick(dtypes),
    () => Array.from({ length: below(4) }, () => pick(numbers)),
    () => Array.from({ length: below(4) }, makeTensor),
    () => [[1, 2], [3]], () => new Float32Array(below(5)), () => new Date(0), () => new Map(), () => [null, "a", {}],
    () => Object.fromEntries(Array.from({ length: 1 + below(3) }, () => [pick(keys), junk()])),
  ];
  let depth = 0;
  function junk() {
    depth++;
    const value = depth > 4 ? 1 : pick(kinds)();
    depth--;
    return value;
  }

  // Calls that end, replace or wait for the process are not nonsense but meant.
  const targets = [];
  const seen = new Set([globalThis]);
  const isClass = (f) => /^class\\b/.test(Function.prototype.toString.call(f));
  const visit = (space, path, level) => {
    for (const name of Object.getOwnPropertyNames(space)) {
      const found = Object.getOwnPropertyDescriptor(space, name)?.value ?? (path === "torch" ? space[name] : undefined);
      if (found === null || found === undefined || name === "constructor" || name.startsWith("_")) continue;
      if (typeof found === "function" && !seen.has(found)) {
        seen.add(found);
        targets.push({ path: path + "." + name, call: (args) => (isClass(found) ? new found(...args) : found(...args)) });
      } else if (typeof found === "object" && level < 3 && !seen.has(found) && Object.values(found).some((v) => typeof v === "function")) {
        seen.add(found);
        visit(found, path + "." + name, level + 1);
      }
    }
  };
  visit(torch, "torch", 0);
  for (const name of Object.getOwnPropertyNames(torch.Tensor.prototype)) {
    const method = Object.getOwnPropertyDescriptor(torch.Tensor.prototype, name).value;
    if (typeof method !== "function" || name === "constructor" || name.startsWith("_")) continue;
    targets.push({ path: "Tensor." + name, call: (args) => method.apply(next() < 0.95 ? makeTensor() : junk(), args) });
  }

  let [returned, threw, strange] = [0, 0, []];
  process.on("unhandledRejection", () => undefined);
  console.log = console.error = console.warn = () => undefined;
  for (let i = 0; i < ${PER_PROCESS}; i++) {
    const target = pick(targets);
    // Half of the calls begin with a tensor, so that many get past the first check.
    const args = Array.from({ length: below(5) }, (_, position) => (position === 0 && next() < 0.5 ? makeTensor() : junk()));
    fs.writeFileSync("last-call", target.path + " of call " + i);
    try {
      const result = target.call(args);
      if (result instanceof Promise) result.catch(() => undefined);
      returned++;
    } catch (error) {
      threw++;
      if (!(error instanceof Error)) strange.push(target.path + " threw " + String(error));
    }
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  fs.writeFileSync("result", JSON.stringify({ targets: targets.length, returned, threw, strange, peak }));
  process.exit(0);
`;

interface Result {
  readonly targets: number;
  readonly returned: number;
  readonly threw: number;
  readonly strange: readonly string[];
  readonly peak: number;
}

test.each(Array.from({ length: CALLS / PER_PROCESS }, (_, i) => [i + 1]))(
  "calls with nonsense, seed %i",
  async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), "cresset-junk-"));
    try {
      const { code, signal, stderr } = await runScript(script(seed), { cwd: folder, timeout: 120_000 });
      const last = readFileSync(join(folder, "last-call"), "utf8");
      expect({ code, signal, last: code === 0 ? "" : last, stderr }).toEqual({
        code: 0,
        signal: null,
        last: "",
        stderr,
      });
      const result: Result = JSON.parse(readFileSync(join(folder, "result"), "utf8"));
      expect(result.strange).toEqual([]);
      expect(result.returned + result.threw).toBe(PER_PROCESS);
      expect(result.targets).toBeGreaterThan(100);
      expect(result.peak).toBeLessThan(1500);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  300_000,
);
