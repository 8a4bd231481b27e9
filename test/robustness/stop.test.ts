// A computation that is stopped between two ops: every op hears it, and what was being written stays whole.

import * as torch from "cresset";
import { afterEach, expect, test } from "vitest";

const { setStop } = require("../../dist/core/stop.js") as typeof import("../../core/stop");

const raised = new Int32Array(1);
class Stopped extends Error {}
setStop(raised, () => new Stopped());
afterEach(() => {
  raised[0] = 0;
});

/** Large enough to wait for the next op: 16 MiB. */
const large = () => torch.ones(1 << 22);

test("large elementwise ops, which may wait, are stopped as well", () => {
  const x = large();
  const y = x.mul(2);
  raised[0] = 1;
  expect(() => x.mul(3)).toThrow(Stopped);
  expect(() => y.add(1)).toThrow(Stopped);
  expect(() => y.sum()).toThrow(Stopped);
  raised[0] = 0;
  expect(y.add(1).sum().item()).toBe(3 * 2 ** 22);
});

test("what waits when a computation is stopped is computed all the same", async () => {
  const y = large().mul(2);
  raised[0] = 1;
  await new Promise((resolve) => setImmediate(resolve));
  raised[0] = 0;
  expect(y.at(-1).item()).toBe(2);
});

const optimizers: [string, (p: torch.Tensor) => torch.optim.Optimizer][] = [
  ["SGD with momentum", (p) => new torch.optim.SGD([p], { lr: 0.1, momentum: 0.9 })],
  ["Adam", (p) => new torch.optim.Adam([p], { lr: 0.1 })],
  ["NAdam", (p) => new torch.optim.NAdam([p], { lr: 0.1 })],
  ["RAdam", (p) => new torch.optim.RAdam([p], { lr: 0.1 })],
];

test.each(optimizers)("a step of %s is made for a parameter whole or not at all", (_, make) => {
  const train = (interruptions: boolean) => {
    const p = torch.tensor([1, -2, 3], { dtype: torch.float32, requiresGrad: true });
    const optimizer = make(p);
    for (let step = 0; step < 4; step++) {
      optimizer.zeroGrad();
      p.mul(p).sum().backward();
      if (interruptions) {
        raised[0] = 1;
        expect(() => optimizer.step()).toThrow(Stopped);
        raised[0] = 0;
      }
      optimizer.step();
    }
    return p.tolist();
  };
  expect(train(true)).toEqual(train(false));
});
