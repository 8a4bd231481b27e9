// A session as people meet it: a kernel from its start to its first reply, with and without a snapshot, a trivial cell, memory, and
// a program piped to the command. Beside Python's own kernel where that is installed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { median, short } from "./statistics";

/** One row of the report, as written to the JSON file. */
interface SessionRow {
  readonly name: string;
  readonly unit: "ms" | "MB";
  readonly ours: number;
  readonly ipykernel: number | null;
}

type Measured = Record<"first" | "cell" | "memory", number>;

const PYTHON = "/usr/bin/python3";
const root = resolve(__dirname, "..", "..");
const command = join(root, "scripts", "cresset.js");
const driver = join(root, "bench", "session_bench.py");
const builder = join(root, "dist", "kernel", "session", "snapshot", "build.js");
const KERNEL = "cresset-bench";

function runKernel(kernel: string, env: NodeJS.ProcessEnv): Measured | null {
  const { status, stdout } = spawnSync(PYTHON, [driver, "--kernel", kernel], { env, encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout.trim().split("\n").slice(-1)[0]) as Measured) : null;
}

function runPiped(env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [command], { env, input: "torch.ones(2)", encoding: "utf8" });
  if (stdout !== "tensor([1., 1.])\n") throw new Error(`a piped program failed:\n${stderr || stdout}`);
  return performance.now() - start;
}

/** Measures `rounds` times, in turn, and prints the medians. Throws where Jupyter's client is not installed. */
export function benchSession(rounds: number): SessionRow[] {
  const folder = mkdtempSync(join(tmpdir(), "cresset-bench-"));
  const warm = {
    ...process.env,
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    XDG_CACHE_HOME: join(folder, "cache"),
  };
  const cold = { ...warm, CRESSET_SNAPSHOT: "0" };
  try {
    const install = ["kernel", "install", "--prefix", folder, "--name", KERNEL];
    spawnSync(process.execPath, [command, ...install], { env: warm });
    spawnSync(process.execPath, [builder], { env: warm });
    const ours: Measured[] = [];
    const plain: Measured[] = [];
    const python: Measured[] = [];
    const piped: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [kernel, env, list] of [
        [KERNEL, warm, ours],
        [KERNEL, cold, plain],
        ["python3", warm, python],
      ] as const) {
        const measured = runKernel(kernel, env);
        if (measured) list.push(measured);
      }
      piped.push(runPiped(warm));
    }
    if (ours.length === 0 || plain.length === 0)
      throw new Error("no measurement without Jupyter's client for Python (package jupyter-client)");
    const middle = (list: Measured[], key: keyof Measured) =>
      list.length > 0 ? median(list.map((m) => m[key])) : null;
    const row = (name: string, unit: "ms" | "MB", list: Measured[], key: keyof Measured): SessionRow => ({
      name,
      unit,
      ours: middle(list, key) ?? Number.NaN,
      ipykernel: middle(python, key),
    });
    const rows: SessionRow[] = [
      row("kernel start to first reply, snapshot", "ms", ours, "first"),
      row("kernel start to first reply, plain", "ms", plain, "first"),
      row("trivial cell", "ms", ours, "cell"),
      row("memory of the kernel, library loaded", "MB", ours, "memory"),
      { name: "echo 'torch.ones(2)' | cresset", unit: "ms", ours: median(piped), ipykernel: null },
    ];
    for (const { name, unit, ours, ipykernel } of rows)
      console.log(
        `${name.padEnd(42)}${short(ours).padStart(8)} ${unit}   ipykernel ${ipykernel === null ? "–" : short(ipykernel)}`,
      );
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
