// Elementwise ops on large tensors may wait for each other. Whatever is done in between, the numbers are those of ops that run at
// once: every program runs a second time with `torch.cpu.synchronize()` after each step.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { measureScript } from "../support/child";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;

/** Large enough to wait: 16 MiB of float32. */
const SIZES = [2048, 2064];
const NUMEL = SIZES[0] * SIZES[1];

/** Numbers in [0, 1) from a seed, for choices that both runs make alike. */
function choices(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Step = (live: torch.Tensor[], pick: () => torch.Tensor, random: () => number) => void;

const steps: Step[] = [
  (live, pick) => live.push(pick().mul(pick())),
  (live, pick) => live.push(pick().add(pick(), { alpha: 0.5 })),
  (live, pick) => live.push(pick().relu().mul(2).sub(0.25)),
  (live, pick) => live.push(torch.where(pick().gt(0), pick(), pick().neg())),
  (live, pick) => live.push(pick().tanh().mul(pick().sigmoid())),
  (live, pick) => live.push(pick().mul(pick().at(3, 5))),
  (live, pick) => live.push(pick().add(pick().at(7))),
  (live, pick) => live.push(pick().mul(2).view(SIZES[1], SIZES[0]).add(1).view(SIZES)),
  (live, pick) => live.push(pick().mul(2).t().add(1).t()),
  (live, pick) => live.push(pick().sub(1).double().mul(0.1).float()),
  (_, pick) => pick().mul_(0.5),
  (_, pick) => pick().at(0).fill_(0.125),
  (_, pick) => torch.add(pick(), 1, { out: pick() }),
  (live, pick) => live.push(pick().add(pick().abs().sqrt().sum().mul(1e-9))),
  (live, pick) => live.push(pick().mul(pick().exp().clamp(0, 2).amax())),
  (_, pick) => {
    pick().data = pick().mul(0.75);
  },
  (live, _, random) => live.splice(Math.floor(random() * live.length), live.length > 3 ? 1 : 0),
  () => collect({ type: "minor" }),
];

function run(seed: number, after: () => void): Uint8Array[] {
  const random = choices(seed);
  torch.manualSeed(seed);
  const live = [torch.randn(SIZES), torch.randn(SIZES), torch.randn(SIZES)];
  const pick = () => live[Math.floor(random() * live.length)];
  for (let k = 0; k < 12; k++) {
    torch.noGrad(() => steps[Math.floor(random() * steps.length)](live, pick, random));
    after();
    while (live.length > 5) live.shift();
  }
  return live.map((t) => new Uint8Array(t.contiguous().raw().buffer));
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("waiting changes no bit, program %i", (seed) => {
  const waiting = run(seed, () => undefined);
  const atOnce = run(seed, () => torch.cpu.synchronize());
  expect(waiting.length).toBe(atOnce.length);
  waiting.forEach((bytes, k) => {
    expect(Buffer.compare(bytes, atOnce[k])).toBe(0);
  });
});

test("an op sees its operands as they were when it was called", () => {
  const x = torch.ones(NUMEL);
  const y = x.mul(2);
  x.fill_(100);
  expect(y.sum().item()).toBe(2 * NUMEL);

  const memory = new Float32Array(NUMEL).fill(1);
  const z = torch.fromTypedArray(memory).add(1);
  memory.fill(50);
  expect(z.at(5).item()).toBe(2);

  const w = torch.ones(NUMEL);
  const v = w.add(1);
  w.data = torch.zeros(NUMEL);
  expect(v.at(-1).item()).toBe(2);
});

test("every result that is kept can be read, in any order, now and in a later turn", async () => {
  const x = torch.full([NUMEL], 3);
  const a = x.add(1);
  const b = a.mul(2);
  const c = b.sub(a);
  const total = c.sum();
  expect(b.at(9).item()).toBe(8);
  expect(total.item()).toBe(4 * NUMEL);
  expect(a.at(-1).item()).toBe(4);
  const d = c.neg();
  const e = d.mul(d);
  await new Promise((resolve) => setImmediate(resolve));
  expect([c.at(0).item(), d.at(0).item(), e.at(0).item()]).toEqual([4, -4, 16]);
});

test("a result that is collected just before the program runs is left out of it", async () => {
  // Old results, which a collection of young objects leaves; a full one in the last moment frees them.
  const found = await measureScript<number[]>(
    `
    const torch = require("cresset");
    const { addon } = require("./dist/core/native.js");
    const [run, counts] = [addon.run, { failed: 0 }];
    const x = torch.ones(${NUMEL});
    let a = x.add(1);
    let b = a.mul(3);
    gc();
    gc();
    a = null;
    addon.run = () => {
      gc();
      try {
        run.call(addon);
      } catch (error) {
        counts.failed++;
        throw error;
      }
    };
    const value = b.at(5).item();
    addon.run = run;
    console.log(JSON.stringify([value, counts.failed, x.add(1).at(0).item()]));`,
    ["--expose-gc"],
  );
  expect(found).toEqual([6, 1, 2]);
});

test("wrong calls fail when they are made", () => {
  const x = torch.ones(NUMEL);
  const y = x.mul(2);
  expect(() => y.add(torch.ones(3))).toThrow(/The size of tensor a/);
  expect(() => y.bitwiseAnd(y)).toThrow(/not implemented for 'Float'/);
  expect(y.at(0).item()).toBe(2);
});

test("gradients flow through results that waited", () => {
  const x = torch.ones(NUMEL);
  const scale = x.mul(3).add(1);
  const w = torch.ones(NUMEL).requiresGrad_();
  w.mul(scale).sum().backward();
  expect(w.grad?.at(17).item()).toBe(4);
});

test("results that nobody keeps give their memory back while the chain grows", () => {
  const x = torch.ones(NUMEL);
  const grow = (t: torch.Tensor, times: number): torch.Tensor => (times === 0 ? t : grow(t.add(1), times - 1));
  let last = x;
  for (let k = 0; k < 400; k++) last = last.add(1);
  expect(last.at(0).item()).toBe(401);
  expect(grow(x, 50).at(1).item()).toBe(51);
  expect(process.memoryUsage().rss).toBeLessThan(2 * 2 ** 30);
});
