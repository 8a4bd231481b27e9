// Times one workload in this process and prints one line of JSON; main.ts starts it once per round, as it starts torch_bench.py.

import { parseArgs } from "node:util";
import * as torch from "../core/index";
import { median } from "./statistics";
import { workloads } from "./workloads";

/** Times of single calls of a body, in milliseconds. */
function measure(body: () => unknown, minTime: number): number[] {
  for (let i = 0; i < 2; i++) body();
  const times: number[] = [];
  const start = performance.now();
  while (times.length < 5 || (performance.now() - start < minTime * 1000 && times.length < 5000)) {
    const before = performance.now();
    body();
    torch.cpu.synchronize();
    times.push(performance.now() - before);
  }
  return times;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: "string", default: "2" },
      "min-time": { type: "string", default: "0.5" },
      device: { type: "string", default: "cpu" },
    },
  });
  const workload = workloads[positionals[0]];
  if (workload === undefined) throw new Error(`unknown workload ${positionals[0]}`);
  torch.setNumThreads(Number(values.threads));
  torch.manualSeed(0);
  const times = measure(workload.setup(values.device), Number(values["min-time"]));
  const per = workload.operations ?? 1;
  const [min, max] = [Math.min(...times), Math.max(...times)];
  console.log(JSON.stringify({ ms: median(times) / per, min: min / per, max: max / per, repeats: times.length }));
}

main();
