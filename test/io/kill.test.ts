// A process that is killed while it saves, again and again, and started again each time: the file is always a whole checkpoint, and the
// training ends with the losses of one that nobody killed.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { root } from "../support/child";
import { temporaryFiles } from "../support/files";

const file = temporaryFiles();
/** How often the process is killed; more by CRESSET_KILLS. */
const KILLS = Number(process.env.CRESSET_KILLS ?? 8);
const EPOCHS = KILLS * 6;

/** Trains from what the file holds, saving after every step with some ballast, which makes saving most of the time. */
const program = (path: string, pause: number) => `
  const torch = require("cresset");
  const fs = require("node:fs");
  torch.manualSeed(1);
  const model = new torch.nn.Linear(3, 1);
  const optimizer = new torch.optim.Adam(model.parameters(), { lr: 0.1 });
  let losses = [];
  if (fs.existsSync(${JSON.stringify(path)})) {
    const c = torch.load(${JSON.stringify(path)});
    model.loadStateDict(c.model);
    optimizer.loadStateDict(c.optimizer);
    torch.setRngState(c.rng);
    losses = c.losses;
  }
  const ballast = torch.zeros(1 << 21);
  process.stdout.write("ready\\n");
  while (losses.length < ${EPOCHS}) {
    optimizer.zeroGrad();
    const loss = model(torch.randn(4, 3)).pow(2).mean();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    torch.save({ model: model.stateDict(), optimizer: optimizer.stateDict(), rng: torch.getRngState(), losses, ballast }, ${JSON.stringify(path)});
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${pause});
  }`;

function start(path: string, pause: number): { child: ChildProcess; ready: Promise<void>; ended: Promise<void> } {
  const child = spawn(process.execPath, ["-e", program(path, pause)], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout?.once("data", () => resolve());
    child.once("close", () => resolve());
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  return { child, ready, ended };
}

test("every kill leaves a whole checkpoint", { timeout: 60_000 + KILLS * 10_000 }, async () => {
  const path = file("killed.pt");
  for (let k = 0; k < KILLS; k++) {
    const { child, ready, ended } = start(path, 3);
    await ready;
    await new Promise((resolve) => setTimeout(resolve, 1 + ((k * 37) % 60)));
    child.kill("SIGKILL");
    await ended;
    if (!existsSync(path)) continue;
    const { losses, ballast } = torch.load<{ losses: number[]; ballast: torch.Tensor }>(path, { mmap: false });
    expect(losses.length).toBeGreaterThan(0);
    expect(ballast.numel()).toBe(1 << 21);
  }
  await start(path, 0).ended;
  const whole = file("straight.pt");
  await start(whole, 0).ended;
  const losses = (name: string) => torch.load<{ losses: number[] }>(name).losses;
  expect(losses(path)).toHaveLength(EPOCHS);
  expect(losses(path)).toEqual(losses(whole));
  expect(readdirSync(dirname(path)).filter((name) => name.endsWith(".part"))).toEqual([]);
});
