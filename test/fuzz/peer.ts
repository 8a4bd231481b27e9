// The other side of a comparison: one Python process that lives as long as the comparison, and answers a line of JSON for each.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Debian's Python, whose PyTorch the comparison is with, whichever other Python comes first in the path. */
const PYTHON = "/usr/bin/python3";

/** The version of PyTorch that is the reference; another one differs from it, and from what is here, in places. */
export const REFERENCE = "1.13";

/** The version of the PyTorch to compare with; null when there is none. */
export function peerVersion(): string | null {
  const { status, stdout } = spawnSync(PYTHON, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

/** How long an answer may take, in milliseconds: some of PyTorch's loops never end, as that of an eigenvalue among infinities. */
const PATIENCE = 120_000;

export class Peer {
  private process: ChildProcessWithoutNullStreams | null = null;
  private waiting: ((line: string | null) => void)[] = [];
  private patience: NodeJS.Timeout | undefined;

  /** @param script a file of this folder */
  constructor(private readonly script: string) {}

  /** The answers to requests, in order; null for one that ended the process or came to no answer: it is started anew for the next. */
  async ask<T>(requests: readonly object[]): Promise<(T | null)[]> {
    const answers: (T | null)[] = [];
    while (answers.length < requests.length) {
      const child = this.running();
      const lines = requests.slice(answers.length).map((request) => {
        child.stdin.write(`${JSON.stringify(request)}\n`);
        return new Promise<string | null>((resolve) => {
          this.waiting.push(resolve);
          this.wait(child);
        });
      });
      const got = await Promise.all(lines);
      const ended = got.indexOf(null);
      const whole = ended < 0 ? got : got.slice(0, ended);
      answers.push(...whole.map((line) => JSON.parse(line as string) as T));
      if (ended >= 0) answers.push(null);
    }
    return answers;
  }

  end(): void {
    this.process?.kill();
  }

  /** Ends a process that leaves the next answer out for too long. */
  private wait(child: ChildProcessWithoutNullStreams): void {
    clearTimeout(this.patience);
    if (this.waiting.length > 0) this.patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  }

  private running(): ChildProcessWithoutNullStreams {
    if (this.process !== null) return this.process;
    const script = join(__dirname, "../../../test/fuzz", this.script);
    const child = spawn(PYTHON, ["-u", script], { env: { ...process.env, OMP_NUM_THREADS: "1" } });
    child.stderr.pipe(process.stderr);
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.waiting.shift()?.(line);
      this.wait(child);
    });
    child.on("close", () => {
      clearTimeout(this.patience);
      this.process = null;
      for (const answer of this.waiting.splice(0)) answer(null);
    });
    this.process = child;
    return child;
  }
}
