// When the memory of dead tensors comes back: while a program runs, when it waits, and when it asks.

import type * as torch from "cresset";
import { expect, test } from "vitest";
import { measureScript } from "../support/child";

const MB = 1 << 20;

test("1,000 steps with activations of 1 MB after one deep graph stay under 250 MB", async () => {
  const { resident, live } = await measureScript<{ resident: number; live: number }>(`
    const torch = require("cresset");
    const small = torch.ones(4, { requiresGrad: true });
    let deep = small;
    for (let k = 0; k < 10000; k++) deep = deep.mul(1.0001).tanh();
    deep.sum().backward();
    deep = null;
    const [x, w] = [torch.randn(512, 512), torch.randn(512, 512, { requiresGrad: true })];
    for (let step = 0; step < 1000; step++) {
      let h = w;
      for (let k = 0; k < 4; k++) h = h.mul(x).relu();
      h.sum().backward();
      w.grad = null;
    }
    console.log(JSON.stringify({
      resident: process.resourceUsage().maxRSS * 1024, live: torch.cpu.maxMemoryAllocated() }));
  `);
  expect(live).toBeLessThan(150 * MB);
  expect(resident).toBeLessThan(250 * MB);
});

test("a model that lives through full collections does not cause more of them", async () => {
  const { collections } = await measureScript<{ collections: number }>(
    `
    const torch = require("cresset");
    const { PerformanceObserver } = require("node:perf_hooks");
    const model = Array.from({ length: 100 }, () => torch.zeros(1024, 1024));
    let collections = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === 4) collections++;
    }).observe({ entryTypes: ["gc"] });
    for (let step = 0; step < 2000; step++) model[step % 100].add(1);
    setImmediate(() => console.log(JSON.stringify({ collections, kept: model.length })));
  `,
  );
  expect(collections).toBeLessThanOrEqual(3);
});

test("free memory that lies unused goes back to the system after some seconds", async () => {
  const { before, after, reserved, ended } = await measureScript<{
    before: number;
    after: number;
    reserved: number;
    ended: boolean;
  }>(
    `
    const torch = require("cresset");
    (() => { for (let k = 0; k < 40; k++) torch.ones(2 << 20); })();
    const before = torch.cpu.memoryReserved();
    gc({ type: "minor" });
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    wait(12000).then(() => {
      gc();
      return wait(12000);
    }).then(() => {
      console.log(JSON.stringify({
        before, after: process.memoryUsage.rss(), reserved: torch.cpu.memoryReserved(), ended: true }));
    });
  `,
    ["--expose-gc"],
  );
  expect(ended).toBe(true);
  expect(before).toBeGreaterThan(30 * MB);
  expect(reserved).toBeLessThan(10 * MB);
  expect(after).toBeLessThan(130 * MB);
}, 60_000);

test("waiting for idle memory keeps no process alive", async () => {
  const start = performance.now();
  await measureScript(`
    require("cresset").ones(1 << 22);
    console.log("null");
  `);
  expect(performance.now() - start).toBeLessThan(4500);
});

test("memoryStats counts blocks and bytes, now, at most and in all", async () => {
  const [start, held, freed, emptied, reset] = await measureScript<torch.cpu.MemoryStats[]>(
    `
    const torch = require("cresset");
    const stats = [torch.cpu.memoryStats()];
    let x = torch.empty(1 << 20);
    stats.push(torch.cpu.memoryStats());
    x = null;
    gc();
    stats.push(torch.cpu.memoryStats());
    torch.cpu.emptyCache();
    stats.push(torch.cpu.memoryStats());
    torch.cpu.resetPeakMemoryStats();
    stats.push(torch.cpu.memoryStats());
    console.log(JSON.stringify(stats));
  `,
    ["--expose-gc"],
  );
  const bytes = 4 * MB;
  expect(held.allocatedBytes.current - start.allocatedBytes.current).toBe(bytes);
  expect(held.allocation.current - start.allocation.current).toBe(1);
  expect(held.reservedBytes.current).toBeGreaterThanOrEqual(bytes);
  expect(freed.allocatedBytes.current).toBeLessThanOrEqual(start.allocatedBytes.current);
  expect(freed.allocatedBytes.peak).toBeGreaterThanOrEqual(bytes);
  expect(freed.allocatedBytes.freed).toBeGreaterThanOrEqual(bytes);
  expect(freed.reservedBytes.current).toBeGreaterThanOrEqual(bytes);
  expect(emptied.reservedBytes.current).toBe(emptied.allocatedBytes.current);
  expect(emptied.reservedBytes.peak).toBeGreaterThanOrEqual(bytes);
  expect(reset.allocatedBytes.peak).toBe(reset.allocatedBytes.current);
  expect(reset.reservedBytes.peak).toBe(reset.reservedBytes.current);
});
