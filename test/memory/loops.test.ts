// Memory of synchronous loops: what the garbage collector finds dead must come back while the loop runs, without help from the user.

import { expect, test } from "vitest";
import { measureScript } from "../support/child";

const MB = 1 << 20;

test("100,000 small chains in one synchronous loop stay under 300 MB", async () => {
  const { peak } = await measureScript<{ peak: number }>(`
    const torch = require("cresset");
    const x = torch.tensor([0.1, 0.2, 0.3, 0.4]);
    for (let i = 0; i < 100000; i++) x.mul(2).add(1).tanh().exp().sub(x);
    console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
  `);
  expect(peak).toBeLessThan(300 * MB);
});

test("10,000 steps of training hold at most 100 MB more than 500 steps", async () => {
  const { early, late } = await measureScript<{ early: number; late: number }>(`
    const torch = require("cresset");
    const { nn, optim } = torch;
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Linear(784, 512), new nn.ReLU(), new nn.Linear(512, 256), new nn.ReLU(), new nn.Linear(256, 10));
    const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
    const [x, y] = [torch.randn(64, 784), torch.randint(0, 10, [64])];
    let early = 0;
    for (let step = 1; step <= 10000; step++) {
      const loss = nn.functional.crossEntropy(model(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (step === 500) early = process.memoryUsage.rss();
    }
    console.log(JSON.stringify({ early, late: process.memoryUsage.rss() }));
  `);
  expect(late).toBeLessThanOrEqual(early + 100 * MB);
}, 900_000);

test("graphs that are never run backward are freed too", async () => {
  const { peak } = await measureScript<{ peak: number }>(`
    const torch = require("cresset");
    const w = torch.randn(256, 256, { requiresGrad: true });
    for (let i = 0; i < 2000; i++) w.mul(2).tanh().mul(w).sum();
    console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
  `);
  expect(peak).toBeLessThan(500 * MB);
});
