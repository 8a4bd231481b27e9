// What the backend does by the machine it finds: instruction sets, and the settings of the pool of threads.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(__dirname, "../..");

function run(script: string, env: NodeJS.ProcessEnv): { stdout: string; stderr: string } {
  const { GOMP_SPINCOUNT, OMP_WAIT_POLICY, OMP_NUM_THREADS, ...rest } = process.env;
  const options = { cwd: root, encoding: "utf8", env: { ...rest, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], options);
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

// AVX2_VNNI is a set of its own beside AVX-512's, not a smaller one.
for (const isa of ["AVX2", "AVX2_VNNI", "AVX512_CORE", "ALL"]) {
  test(`products of bfloat16 matrices are right with ONEDNN_MAX_CPU_ISA=${isa}`, () => {
    const { stdout } = run(
      `
      const torch = require("cresset");
      const a = torch.arange(128 * 96).remainder(7).sub(3).reshape(128, 96).to(torch.bfloat16);
      const b = torch.arange(96 * 160).remainder(5).sub(2).reshape(96, 160).to(torch.bfloat16);
      const exact = a.float().matmul(b.float()).to(torch.bfloat16);
      console.log(torch.equal(a.matmul(b), exact));
    `,
      { ONEDNN_MAX_CPU_ISA: isa },
    );
    expect(stdout.trim()).toBe("true");
  });
}

const display = { OMP_DISPLAY_ENV: "verbose" };
const load = `const torch = require("cresset"); torch.ones(3).add(1);`;

test("idle threads sleep soon, also when a worker loads the library first, and programs started later inherit nothing", () => {
  const main = run(`${load} console.log(process.env.GOMP_SPINCOUNT);`, display);
  expect(main.stderr).toContain("GOMP_SPINCOUNT = '1000'");
  expect(main.stdout.trim()).toBe("undefined");
  const worker = run(
    `const { Worker } = require("node:worker_threads");
     new Worker(${JSON.stringify(load)}, { eval: true }).on("error", (error) => { throw error; });`,
    display,
  );
  expect(worker.stderr).toContain("GOMP_SPINCOUNT = '1000'");
});

test("settings of the user's stay", () => {
  expect(run(load, { ...display, GOMP_SPINCOUNT: "77" }).stderr).toContain("GOMP_SPINCOUNT = '77'");
  expect(run(load, { ...display, OMP_WAIT_POLICY: "ACTIVE" }).stderr).not.toContain("GOMP_SPINCOUNT = '1000'");
});
