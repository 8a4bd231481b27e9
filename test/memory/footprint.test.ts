// What one small tensor costs: bytes of the JavaScript heap, of the pool, and handles that the collector must finalize one by one. Small
// tensors share blocks, so that a handle is paid for once per 64 of them.

import { expect, test } from "vitest";
import { measureScript } from "../support/child";

interface Footprint {
  readonly heap: number;
  readonly live: number;
  readonly handles: number;
  readonly externals: number;
}

/** Differences per tensor between two moments with and without many small tensors alive. */
const script = (make: string) => `
  const torch = require("cresset");
  const fs = require("node:fs"), os = require("node:os"), path = require("node:path"), v8 = require("node:v8");
  const COUNT = 20000;
  const { addon } = require(path.resolve("dist", "core", "native.js"));
  const settle = () => { gc(); gc(); return { ...process.memoryUsage(), ...addon.info("memory") }; };
  const externalsAmong = () => {
    const { nodes, strings, snapshot } = readSnapshot();
    const fields = snapshot.meta.node_fields;
    const name = fields.indexOf("name");
    let count = 0;
    for (let i = 0; i < nodes.length; i += fields.length) if (/External/.test(strings[nodes[i + name]])) count++;
    return count;
  };
  function readSnapshot() {
    const file = v8.writeHeapSnapshot(path.join(os.tmpdir(), "cresset-footprint-" + process.pid + ".heapsnapshot"));
    const text = fs.readFileSync(file, "utf8");
    fs.rmSync(file);
    return JSON.parse(text);
  }
  const x = torch.tensor([1.5, 2.5, 3.5, 4.5]);
  const w = torch.tensor([1.5, 2.5, 3.5, 4.5], { requiresGrad: true });
  let kept = Array.from({ length: 100 }, () => ${make});
  kept = [];
  const before = settle();
  const externalsBefore = externalsAmong();
  kept = new Array(COUNT);
  for (let i = 0; i < COUNT; i++) kept[i] = ${make};
  const after = settle();
  const externals = (externalsAmong() - externalsBefore) / COUNT;
  console.log(JSON.stringify({
    heap: (after.heapUsed - before.heapUsed) / COUNT, live: (after.live - before.live) / COUNT,
    handles: (after.handles - before.handles) / COUNT, externals }));
  if (kept.length === 0) console.log(x, w);
`;

const footprint = (make: string) => measureScript<Footprint>(script(make), ["--expose-gc"]);

test("a tensor of four elements", async () => {
  const { heap, live, handles, externals } = await footprint("x.add(1)");
  expect(heap).toBeLessThan(600);
  expect(live).toBeLessThanOrEqual(128);
  expect(handles).toBeLessThan(0.02);
  expect(externals).toBeLessThan(0.02);
});

test("a recorded tensor of four elements", async () => {
  const { heap, live, handles, externals } = await footprint("w.add(1)");
  expect(heap).toBeLessThan(1500);
  expect(live).toBeLessThanOrEqual(128);
  expect(handles).toBeLessThan(0.02);
  expect(externals).toBeLessThan(0.02);
});

test("a view shares its base's handle", async () => {
  const { heap, live, externals } = await footprint("x.view(2, 2)");
  expect(heap).toBeLessThan(900);
  expect(live).toBe(0);
  expect(externals).toBeLessThan(0.01);
});
