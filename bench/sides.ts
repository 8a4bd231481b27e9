// The sides of a comparison and how each is started: ours, PyTorch as the distribution installs it, and PyTorch tuned (an allocator that
// keeps memory, and no spinning between two thread pools). Only a ratio against the tuned one says something about kernels.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** What one process measured, in milliseconds. */
export interface Timing {
  readonly ms: number;
  readonly min: number;
  readonly max: number;
}

export type SideName = "ours" | "torch" | "torchTuned";

/** How a workload is run on one side. */
export interface Side {
  readonly name: SideName;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Debian's Python, for which its PyTorch is packaged, whichever other Python comes first in the path. */
const PYTHON = "/usr/bin/python3";

const libraryFolders = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
];

/** Variables that change how either side computes or allocates; a comparison sets them itself. */
const influences = [
  "OPENBLAS_CORETYPE",
  "LD_PRELOAD",
  "MALLOC_CONF",
  "OMP_WAIT_POLICY",
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
];

function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !influences.includes(name)));
}

function tunedEnvironment(): NodeJS.ProcessEnv | null {
  const library = libraryFolders.map((folder) => join(folder, "libjemalloc.so.2")).find((path) => existsSync(path));
  if (library === undefined) return null;
  return {
    ...plainEnvironment(),
    LD_PRELOAD: library,
    MALLOC_CONF: "dirty_decay_ms:-1,muzzy_decay_ms:-1,thp:always,oversize_threshold:0,narenas:1",
    OMP_WAIT_POLICY: "passive",
  };
}

/** The sides that this machine can run; a message for each that it cannot. */
export function presentSides(threads: number, device: string): { sides: Side[]; notes: string[] } {
  const env = plainEnvironment();
  const common = ["--threads", String(threads), "--device", device];
  const sides: Side[] = [
    { name: "ours", command: process.execPath, args: [join(__dirname, "one.js"), ...common], env },
  ];
  const script = resolve(__dirname, "..", "..", "bench", "torch_bench.py");
  const probe = spawnSync(PYTHON, ["-c", "import torch; print(torch.__version__)"], { env, encoding: "utf8" });
  if (probe.status !== 0) {
    return { sides, notes: [`no PyTorch for ${PYTHON} (package python3-torch): no ratios`] };
  }
  const notes = [`PyTorch ${probe.stdout.trim()}, ${threads} threads, ${device}`];
  sides.push({ name: "torch", command: PYTHON, args: [script, ...common], env });
  const tuned = tunedEnvironment();
  if (tuned === null) notes.push("no jemalloc (package libjemalloc2): no ratio against tuned PyTorch");
  else sides.push({ name: "torchTuned", command: PYTHON, args: [script, ...common], env: tuned });
  return { sides, notes };
}

/** How a process ends that lacks a package which the workload needs. */
const LACKING = 3;

/** Runs a workload once on a side, in a process of its own; a message where the side lacks a package that it needs. */
export function runSide(side: Side, workload: string): Timing | string {
  const { status, stdout, stderr } = spawnSync(side.command, [...side.args, workload], {
    env: side.env,
    encoding: "utf8",
  });
  if (status === LACKING) return stderr.trim();
  if (status !== 0) throw new Error(`${workload} failed on side ${side.name}:\n${stderr || stdout}`);
  return JSON.parse(stdout.trim().split("\n").slice(-1)[0]);
}
