import { describe, expect, it } from "vitest";
import { formatModule, type ModuleView, moduleBundle, moduleText } from "../../core/display/module-tree";
import { stateDictBundle, stateDictText } from "../../core/display/state-dict";
import { printCases } from "../tensor/printable";

/** Reads a text of PyTorch's back into a view, so that every nesting in the reference texts is written again. */
function parse(text: string): ModuleView {
  const lines = text.split("\n");
  const [, name, extra] = /^(\w+)\((.*?)\)?$/s.exec(lines[0]) ?? [];
  if (lines.length === 1) return { name, extra, children: [], parameters: [] };
  const inner = lines.slice(1, -1).map((line) => line.slice(2));
  const extras: string[] = [];
  const children: [string, ModuleView][] = [];
  let child: string[] = [];
  let key = "";
  for (const line of inner) {
    const start = /^\((\w+)\): (.*)$/.exec(line);
    if (start !== null) {
      if (child.length > 0) children.push([key, parse(child.join("\n"))]);
      key = start[1];
      child = [start[2]];
    } else if (child.length > 0) child.push(line);
    else extras.push(line);
  }
  if (child.length > 0) children.push([key, parse(child.join("\n"))]);
  return { name, extra: extras.join("\n"), children, parameters: [] };
}

describe("text of modules", () => {
  it("writes every nesting as PyTorch does", () => {
    const texts = printCases("modules.json")
      .filter(({ kind }) => ["module", "container", "model"].includes(kind))
      .map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.map((text) => moduleText(parse(text)))).toEqual(texts);
  });

  it("puts extra text of several lines before the children", () => {
    expect(formatModule("A", "", [])).toBe("A()");
    expect(formatModule("A", "x=1", [])).toBe("A(x=1)");
    expect(formatModule("A", "x=1\ny=2", [])).toBe("A(\n  x=1\n  y=2\n)");
    expect(formatModule("A", "x=1", [["b", "B(\n  (c): C()\n)"]])).toBe("A(\n  x=1\n  (b): B(\n    (c): C()\n  )\n)");
  });
});

describe("tree", () => {
  it("opens and closes, and counts a shared parameter once", () => {
    const weight = { numel: () => 1000 };
    const leaf = (name: string): ModuleView => ({ name, extra: "a<b", children: [], parameters: [weight] });
    const view: ModuleView = {
      name: "Net",
      extra: "",
      children: [
        ["one", leaf("Linear")],
        ["two", leaf("Linear")],
      ],
      parameters: [{ numel: () => 1 }],
    };
    const html = String(moduleBundle(view)["text/html"]);
    expect(html).toContain('<summary><b>Net</b>() <span style="opacity:0.6">1,001 parameters</span></summary>');
    expect(html.match(/1,000 parameters/g)).toHaveLength(2);
    expect(html).toContain("a&lt;b");
  });
});

describe("state_dict", () => {
  const tensor = (shape: number[], text: string) => ({
    shape,
    dtype: "torch.float32",
    device: "cpu",
    numel: () => shape.reduce((a, b) => a * b, 1),
    toString: () => text,
  });

  it("prints as Python's OrderedDict", () => {
    const entries = [
      ["weight", tensor([1, 2], "tensor([[0.5000, 0.5000]])")],
      ["bias", tensor([1], "tensor([0.])")],
      ["epoch", 3],
    ] as const;
    expect(stateDictText(entries)).toBe(
      "OrderedDict([('weight', tensor([[0.5000, 0.5000]])), ('bias', tensor([0.])), ('epoch', 3)])",
    );
    expect(stateDictText([])).toBe("OrderedDict()");
    const html = String(stateDictBundle(new Map<string, (typeof entries)[number][1]>(entries))["text/html"]);
    expect(html.match(/<tr>/g)).toHaveLength(4);
    expect(html).toContain("(1, 2)");
    expect(html).toContain("3 entries, 3 elements");
  });
});
