// The programs of docs/loaders.md run as they stand there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { root, runScript } from "../support/child";
import { temporaryFiles } from "../support/files";

const file = temporaryFiles();
const text = readFileSync(join(root, "docs", "loaders.md"), "utf8");
const [loader, bar] = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);

/** Runs TypeScript in the folder of temporary files; the library is found by its name. */
function run(code: string): ReturnType<typeof runScript> {
  const { code: script } = transformSync(code, { loader: "ts", format: "cjs", target: "node20" });
  const named = script.replaceAll('require("cresset")', `require(${JSON.stringify(join(root, "dist/core/index.js"))})`);
  return runScript(named, { cwd: file("."), timeout: 100_000 });
}

test("the loader of the first example prints PyTorch's labels", async () => {
  const { stdout, stderr, code } = await run(loader);
  expect(stderr.replace(/\[.*\]/g, "[]")).toBe("epoch 1: 100%|██████████| 3/3 []\n");
  // torch.manual_seed(0); [b % 2 for b in DataLoader(range(10), 4, shuffle=True)]
  expect(stdout.split("\n")).toEqual([
    "torch.Size([4, 3, 8, 8]) tensor([0, 1, 1, 0])",
    "torch.Size([4, 3, 8, 8]) tensor([0, 0, 1, 0])",
    "torch.Size([2, 3, 8, 8]) tensor([1, 1])",
    "",
  ]);
  expect(code).toBe(0);
});

test("the bar of the second one begins again", async () => {
  const { stdout, stderr } = await run(`import * as torch from "cresset";\n${bar}`);
  expect(stderr.trim()).toMatch(/^copy: {3}0%\| {10}\| 0\/50 \[.*, loss=0.25\]$/);
  expect(stdout).toBe("a line above the bars\n");
});
