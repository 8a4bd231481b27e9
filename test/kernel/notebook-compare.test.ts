// When the outputs of two runs of a notebook count as the same, and the file format that keeps them.

import { expect, test } from "vitest";
import { compareOutputs } from "../../kernel/notebook/compare";
import { notebookText, parseNotebook } from "../../kernel/notebook/format";
import { sameLine, sameNumber } from "../../kernel/notebook/numbers";
import type { Output } from "../../kernel/notebook/outputs";
import { withParameters } from "../../kernel/notebook/parameters";

const stdout = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
const stderr = (text: string): Output => ({ output_type: "stream", name: "stderr", text });
const shown = (data: Record<string, string>): Output => ({ output_type: "display_data", data, metadata: {} });
const compare = (a: Output[], b: Output[]) => compareOutputs(a, b, 1e-4).map(({ what, lines }) => [what, ...lines]);

test("numbers may differ within the tolerance, whole numbers and words may not", () => {
  const same = (a: string, b: string) => sameLine(a, b, 1e-4);
  expect(same("loss 0.52134, step 3", "loss 0.52135, step 3")).toBe(true);
  expect(same("loss 0.52134, step 3", "loss 0.52134, step 4")).toBe(false);
  expect(same("loss 0.52134", "lost 0.52134")).toBe(false);
  expect(same("loss 0.52", "loss 0.53")).toBe(false);
  expect(same("tensor([ 9.9999, -1.5000])", "tensor([10.0000, -1.5000])")).toBe(true);
  expect(same("float32 conv2d v1.2.3", "float64 conv2d v1.2.3")).toBe(false);
  expect(same("v1.2.3", "v1.2.4")).toBe(false);
  expect(same("shape [64, 10]", "shape [64, 10, 1]")).toBe(false);
  expect(same("nan", "0.0")).toBe(false);
  expect(sameLine("0.5", "0.6", 0.5)).toBe(true);
});

test("the last digit printed may be rounded either way where it is small", () => {
  expect(sameNumber("0.0012", "0.0013", 1e-4)).toBe(true);
  expect(sameNumber("0.0012", "0.0014", 1e-4)).toBe(false);
  expect(sameNumber("1.2345e-07", "1.2346e-07", 1e-4)).toBe(true);
  expect(sameNumber("0.1", "0.2", 1e-4)).toBe(false);
  expect(sameNumber("0.0012", "0.0013", 1e-6)).toBe(false);
});

test("times and progress bars tell nothing", () => {
  const same = (a: string, b: string) => sameLine(a, b, 1e-4);
  expect(same("took 1.2 ms", "took 3 s")).toBe(true);
  expect(same("epoch: 2.5 ms ± 12 µs, 1,000 loops", "epoch: 3.1 ms ± 9 µs, 100 loops")).toBe(true);
  const bar = (rate: string, count = "94/94") => `epoch 1: 100%|███| ${count} [00:01<00:00, ${rate}, loss=0.52]`;
  expect(same(bar("93.10it/s"), bar(" 1.05s/it"))).toBe(true);
  expect(same(bar("93.10it/s"), bar("93.10it/s", "93/94"))).toBe(false);
  const html = (rate: string) => `<span style="white-space:pre">100/100 [00:00&lt;00:00, ${rate}]</span>`;
  expect(same(html("2354.69it/s"), html("1400.86it/s"))).toBe(true);
  const states = (n: number) => `\r${n}%|█  | ${n}/100 [00:00<00:01, ${n}.5it/s]`;
  expect(compare([stderr(states(10) + states(50))], [stderr(`${states(20)}\n`)])).toEqual([]);
  expect(compare([stderr(states(10)), stdout("a\n"), stdout("b\n")], [stdout("a\nb\n")])).toEqual([]);
  expect(compare([stderr("a warning\n")], [])).toEqual([["outputs", "- stderr", "+ nothing"]]);
});

test("a difference shows the lines that differ", () => {
  expect(compare([stdout("a\nb 1.5\nc\n")], [stdout("a\nb 1.7\nc\n")])).toEqual([["stdout", "- b 1.5", "+ b 1.7"]]);
  expect(compare([stdout("a\nc\n")], [stdout("a\nb\nc\n")])).toEqual([["stdout", "+ b"]]);
  const long = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join("");
  const [[, ...lines]] = compare([stdout(long)], [stdout("x\n")]);
  expect(lines).toHaveLength(13 + 1);
  expect(lines).toContain("- … and 28 more lines");
  const failed = (evalue: string, line: string): Output => ({
    output_type: "error",
    ename: "RangeError",
    evalue,
    traceback: [line],
  });
  expect(compare([failed("too big", "line 1")], [failed("too big", "line 2")])).toEqual([]);
  expect(compare([failed("too big", "")], [failed("too small", "")])).toEqual([
    ["error", "- RangeError: too big", "+ RangeError: too small"],
  ]);
});

test("pictures are compared by size, and text beside them is not", () => {
  const png = (width: number, height: number): string => {
    const head = Buffer.alloc(33);
    head.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
    head.writeUInt32BE(width, 16);
    head.writeUInt32BE(height, 20);
    return head.toString("base64");
  };
  const svg = (box: string, inside: string) => `<svg xmlns="x" viewBox="0 0 ${box}"><path d="${inside}"/></svg>`;
  const picture = (data: string, text: string) => shown({ "image/png": data, "text/plain": text });
  expect(compare([picture(png(4, 3), "▀▄")], [picture(png(4, 3), "▄▀")])).toEqual([]);
  expect(compare([picture(png(4, 3), "")], [picture(png(4, 2), "")])).toEqual([
    ["display, image/png", "- 4 × 3", "+ 4 × 2"],
  ]);
  const drawing = (box: string, inside: string) => shown({ "image/svg+xml": svg(box, inside) });
  expect(compare([drawing("640 318", "M0 0")], [drawing("640 318", "M1 1")])).toEqual([]);
  expect(compare([drawing("640 318", "")], [drawing("640 300", "")])).toEqual([
    ["display, image/svg+xml", "- 640 × 318", "+ 640 × 300"],
  ]);
  expect(compare([shown({ "text/plain": "a", "text/html": "<b>" })], [shown({ "text/plain": "a" })])).toEqual([
    ["display, text/html", "- no longer given"],
  ]);
});

test("a file that is no notebook is told with its place", () => {
  const parse = (value: unknown) => () => parseNotebook(JSON.stringify(value), "n.ipynb");
  const cells = (...list: unknown[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: list });
  expect(() => parseNotebook("{", "n.ipynb")).toThrow(/^n\.ipynb is not a notebook: /);
  expect(parse([])).toThrow("n.ipynb is not a notebook: the file should be an object");
  expect(parse({ nbformat: 3, worksheets: [] })).toThrow("its nbformat is 3, not 4; save it with Jupyter");
  expect(parse({ nbformat: 4 })).toThrow("cells should be a list");
  expect(parse(cells({ cell_type: "code", source: "", outputs: [] }, { cell_type: "heading", source: "" }))).toThrow(
    'cell 2 has the cell_type "heading"',
  );
  expect(parse(cells({ cell_type: "code", source: 3 }))).toThrow("the text of cell 1 should be a string");
  expect(parse(cells({ cell_type: "code", source: "", outputs: [{ output_type: "pyout" }] }))).toThrow(
    'output 1 of cell 1 has the output_type "pyout"',
  );
});

test("reading and writing keeps a notebook, and gives older ones the ids of nbformat 4.5", () => {
  const old = {
    nbformat: 4,
    nbformat_minor: 2,
    metadata: { title: "kept" },
    cells: [
      { cell_type: "markdown", metadata: {}, source: ["a\n", "b"], attachments: { "x.png": { "image/png": "AAAA" } } },
      { cell_type: "code", metadata: {}, source: "", execution_count: null, outputs: [] },
    ],
  };
  const text = notebookText(parseNotebook(JSON.stringify(old), "n.ipynb"));
  const written = JSON.parse(text);
  expect(written).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: { title: "kept" } });
  expect(written.cells[0]).toMatchObject({ source: ["a\n", "b"], attachments: old.cells[0].attachments });
  expect(written.cells[0].id).toMatch(/^[0-9a-f]{8}$/);
  expect(notebookText(parseNotebook(text, "n.ipynb"))).toBe(text);
});

test("parameters keep the word and the type of their declaration", () => {
  const code = (source: string, tags: string[]) => ({ cell_type: "code", metadata: { tags }, source, outputs: [] });
  const inject = (declaration: string | null, name: string, value: string) => {
    const cells = declaration === null ? [] : [code(declaration, ["parameters"])];
    const text = JSON.stringify({ nbformat: 4, cells: [...cells, code("used", [])] });
    const { notebook, unknown } = withParameters(parseNotebook(text, "n.ipynb"), new Map([[name, value]]));
    return [notebook.cells.map((cell) => cell.source).filter((s) => s !== declaration && s !== "used")[0], ...unknown];
  };
  expect(inject("let n = 1;", "n", "2")).toEqual(["let n = 2;"]);
  expect(inject("const n = 1;", "n", "2.5")).toEqual(["const n: number = 2.5;"]);
  expect(inject('const m: "a" | "b" = "a";', "m", "b")).toEqual(['const m: "a" | "b" = "b";']);
  expect(inject('const m = "a";', "m", "b")).toEqual(['const m: "a" | "b" = "b";']);
  expect(inject("const sizes = [1];", "sizes", "[2, 3]")).toEqual(["const sizes = [2,3];"]);
  expect(inject("const a = 1;", "b", "true")).toEqual(["const b: boolean = true;", "b"]);
  expect(inject(null, "b", "null")).toEqual(["const b = null;"]);
});
