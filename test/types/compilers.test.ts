// The published types in a user's project that names no types of others, without `skipLibCheck`, by compilers from the oldest that they
// are promised for to the newest. The set-up of the tests installs the other compilers (scripts/compilers).

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../support/child";

const program = `
import * as torch from "cresset";
const { nn, optim } = torch;
class Net extends nn.Module {
  fc1 = new nn.Linear(4, 3);
  forward(x: torch.Tensor): torch.Tensor { return this.fc1(x).relu(); }
}
const model = new Net();
const out: torch.Tensor = model(torch.ones(5, 4));
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
optimizer.zeroGrad();
const loss: number = nn.functional.crossEntropy(out, torch.zeros(5, { dtype: torch.int64 })).item();
export const sizes: readonly number[] = out.shape;
export const rows: torch.Tensor[] = [...out];
// @ts-expect-error a model takes tensors
model("text");
export { loss };
`;

/** What newer compilers know: the end of a mode with its block. */
const block = `
export function predict(): torch.Tensor {
  using _ = torch.noGrad();
  return model(torch.ones(1, 4));
}
`;

const others = resolve(root, "scripts/compilers/node_modules");
const compilers = [
  { name: "5.0", folder: join(others, "typescript50"), module: "CommonJS", resolution: "node", text: program },
  { name: "5.9", folder: join(others, "typescript59"), module: "CommonJS", resolution: "node10", text: program },
  {
    name: "6.0",
    folder: resolve(root, "node_modules/typescript"),
    module: "node16",
    resolution: "node16",
    text: program,
  },
  { name: "7.0", folder: join(others, "typescript70"), module: "node16", resolution: "node16", text: program },
  { name: "7.0", folder: join(others, "typescript70"), module: "esnext", resolution: "bundler", text: program + block },
];

for (const { name, folder, module, resolution, text } of compilers) {
  test.skipIf(!existsSync(folder))(
    `TypeScript ${name} with modules as ${resolution} takes them`,
    async () => {
      const project = mkdtempSync(join(tmpdir(), "cresset-types-"));
      try {
        mkdirSync(join(project, "node_modules"));
        symlinkSync(root, join(project, "node_modules", "cresset"));
        const lib = text === program ? ["ES2022"] : ["ES2022", "ESNext.Disposable"];
        const compilerOptions = {
          strict: true,
          noEmit: true,
          target: "ES2022",
          lib,
          module,
          moduleResolution: resolution,
          types: [],
          skipLibCheck: false,
        };
        writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
        writeFileSync(join(project, "main.ts"), text);
        const run = promisify(execFile)(process.execPath, [join(folder, "bin/tsc"), "-p", project], { cwd: project });
        const told = await run.then(
          ({ stdout }) => stdout,
          ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
        );
        expect(told).toBe("");
      } finally {
        rmSync(project, { recursive: true });
      }
    },
    120_000,
  );
}
