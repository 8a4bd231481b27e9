// Backward needs memory for what is in flight, however deep the graph is.

import { expect, test } from "vitest";
import { measureScript } from "../support/child";

/** The most memory that backward had at once beyond what was there before it, in gradients of 4 MB. */
const script = (step: string) => `
  const torch = require("cresset");
  const path = require("node:path");
  const { addon } = require(path.resolve("dist", "core", "native.js"));
  const live = () => addon.info("memory").live;
  let peak = 0;
  const alloc = addon.alloc;
  addon.alloc = (...args) => {
    const handle = alloc.apply(addon, args);
    peak = Math.max(peak, live());
    return handle;
  };
  const step = ${step};
  const measure = (depth) => {
    const w = torch.ones(2 ** 20, { requiresGrad: true });
    let x = w.mul(1);
    for (let k = 0; k < depth; k++) x = step(x);
    const loss = x.sum();
    gc();
    const before = peak = live();
    loss.backward();
    return (peak - before) / 2 ** 22;
  };
  measure(2);
  console.log(JSON.stringify([10, 20, 40].map(measure)));
`;

const peaks = (step: string) => measureScript<number[]>(script(step), ["--expose-gc"]);

/** Asserts that all peaks are within 15 % of each other, and below a number of gradients. */
function expectFlat(found: readonly number[], most: number): void {
  expect(Math.max(...found)).toBeLessThan(1.15 * Math.min(...found));
  expect(Math.max(...found)).toBeLessThanOrEqual(most);
}

test("of residual additions", async () => {
  expectFlat(await peaks("(x) => x.add(x.mul(0.5))"), 3.1);
});

test("of shapes that come and go, and of broadcasting", async () => {
  expectFlat(
    await peaks("(x) => x.view(1024, 1024).add(x.view(1024, 1024).t()).add(x.narrow(0, 0, 1)).reshape(-1)"),
    5.1,
  );
});

test("of parts that are joined again", async () => {
  expectFlat(await peaks("(x) => torch.cat(x.split(2 ** 18)).add(x.narrow(0, 0, 1))"), 5.1);
});
