// A smoke test on the other versions of Node that the library supports: it loads, trains, and gives memory back. The set-up of the tests
// installs them (scripts/nodes); they are there on Linux on x86-64.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(__dirname, "../..");

const script = `
  const torch = require("cresset");
  const { nn, optim } = torch;
  torch.manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const x = torch.randn(32, 4);
  const y = x.sum(1, true).sin();
  const losses = [];
  for (let step = 0; step < 60; step++) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  const { addon } = require("./dist/core/native");
  for (let i = 0; i < 200; i++) {
    torch.randn(100, 1000).matmul(torch.randn(1000, 100));
    if (i % 20 === 0) gc();
  }
  setImmediate(() => {
    gc();
    const { live } = addon.info("memory");
    console.log(JSON.stringify({ node: process.versions.node, first: losses[0], last: losses[59], live }));
  });
`;

for (const version of ["22", "24"]) {
  const node = resolve(root, `scripts/nodes/node_modules/node${version}/bin/node`);
  test.skipIf(!existsSync(node))(`a model trains on Node ${version}, and garbage is collected`, () => {
    const output = execFileSync(node, ["--expose-gc", "-e", script], { cwd: root, encoding: "utf8" });
    const { node: ran, first, last, live } = JSON.parse(output) as Record<string, number | string>;
    expect(String(ran).split(".")[0]).toBe(version);
    expect(Number(last)).toBeLessThan(Number(first) / 4);
    expect(Number(live)).toBeLessThan(2 ** 20);
  });
}
