// Loaders with workers in cells: data sets of cells reach them, errors lead to the cell's lines, and an interrupt stops the loop.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cresset-loaders-"));
  writeFileSync(
    join(folder, "shapes.ts"),
    'import * as torch from "cresset";\nexport const doubled = (x: torch.Tensor): torch.Tensor => x * 2;\n',
  );
  cells = new Recorder({ cwd: folder });
  await cells.run(`import { doubled } from "./shapes";
const { Dataset, DataLoader, getWorkerInfo } = torch.utils.data;
const scale = 10;
class Squares extends Dataset<torch.Tensor> {
  constructor(readonly length: number, private readonly work: (index: number) => void = () => {}) { super(); }
  get(index: number): torch.Tensor {
    this.work(index);
    return doubled(torch.tensor([index, getWorkerInfo()?.id ?? -1])) * scale;
  }
}`);
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("a data set uses variables, operators and modules of earlier cells", async () => {
  await cells.run("const plus = (items: torch.Tensor[]) => torch.stack(items) + offset; let offset = 1;");
  const { result, error } = await cells.run(
    "[...new DataLoader(new Squares(4), { batchSize: 2, numWorkers: 2, collateFn: plus })].map((x) => x.tolist())",
  );
  expect(error).toBeUndefined();
  expect(String(result).replace(/\s+/g, "")).toBe("[[[1,1],[21,1]],[[41,21],[61,21]]]");
  const changed = await cells.run(
    "offset = 5; [...new DataLoader(new Squares(1), { numWorkers: 1, collateFn: plus })][0].tolist()",
  );
  expect(String(changed.result).replace(/\s+/g, "")).toBe("[[5,5]]");
});

test("an error of a worker leads to the line of the cell that threw, and to the loop", async () => {
  const label = `In [${cells.count + 1}]`;
  const { error } = await cells.run(`const bad = new Squares(4, (index) => {
  if (index === 3) throw new RangeError("three");
});
for (const _ of new DataLoader(bad, { numWorkers: 2 })) {}`);
  expect(error).toMatchObject({ kind: "run", name: "RangeError" });
  const lines = error?.traceback ?? [];
  expect(lines.slice(0, 2)).toEqual(["RangeError: Caught RangeError in DataLoader worker 1, at item 3.", "three"]);
  expect(lines).toContain('❱ 2 │   if (index === 3) throw new RangeError("three");');
  expect(lines.at(-1)).toBe(`${label}, line 4: for (const _ of new DataLoader(bad, { numWorkers: 2 })) {}`);
});

test("an interrupt ends the wait for a worker, and the workers are there for the next loop", async () => {
  const started = cells.next("stream");
  const reply = cells.run(`const stuck = new Squares(2, (index) => { while (index === 1) {} });
console.log("in");
for (const _ of new DataLoader(stuck, { numWorkers: 2 })) {}`);
  await started;
  cells.session.interrupt();
  expect((await reply).error?.kind).toBe("interrupt");
  const { result } = await cells.run("[...new DataLoader(new Squares(3), { numWorkers: 2 })].length");
  expect(result).toBe("3");
});
