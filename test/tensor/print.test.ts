// The texts of tensors against PyTorch's, from values, without storages.

import { afterEach, describe, expect, it } from "vitest";
import { formatTensor, type Printable, type Range } from "../../core/tensor/print";
import { exponentialText, fixedText } from "../../core/tensor/print-decimal";
import { shownElements } from "../../core/tensor/print-elements";
import { returnTypesText, tupleText } from "../../core/tensor/print-names";
import { printOptions, setPrintoptions } from "../../core/tensor/print-options";
import { type Input, printable, printCases } from "./printable";

afterEach(() => setPrintoptions({ profile: "default" }));

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function optionsOf(options: Record<string, unknown> = {}): Parameters<typeof setPrintoptions>[0] {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

describe.each(["tensors.json", "fuzz.json", "options.json"])("%s", (file) => {
  it("prints every tensor given by value as PyTorch does", () => {
    const cases = printCases(file).filter(({ input }) => input !== undefined);
    expect(cases.length).toBeGreaterThan(20);
    for (const { id, input, options, text } of cases) {
      setPrintoptions({ profile: "default" });
      setPrintoptions(optionsOf(options));
      expect(formatTensor(printable(input as Input)), id).toBe(text);
    }
  });
});

const plain = { device: "cpu", requiresGrad: false, gradFn: null, isParameter: false };

function view(overrides: Partial<Printable> & { values?: readonly number[] }): Printable {
  const values = overrides.values ?? [1.5, 2.5];
  return { ...plain, dtype: "float32", shape: [values.length], elements: () => values, ...overrides };
}

describe("suffixes", () => {
  it("names the node, or else that a gradient is wanted", () => {
    expect(formatTensor(view({ gradFn: "MulBackward0", requiresGrad: true }))).toBe(
      "tensor([1.5000, 2.5000], grad_fn=<MulBackward0>)",
    );
    expect(formatTensor(view({ requiresGrad: true }))).toBe("tensor([1.5000, 2.5000], requires_grad=True)");
  });

  it("announces a parameter on its own line", () => {
    expect(formatTensor(view({ isParameter: true, requiresGrad: true }))).toBe(
      "Parameter containing:\ntensor([1.5000, 2.5000], requires_grad=True)",
    );
  });

  it("leaves out the default float dtype, whichever it is", () => {
    expect(formatTensor(view({ dtype: "float64" }), "float64")).toBe("tensor([1.5000, 2.5000])");
    expect(formatTensor(view({}), "float64")).toBe("tensor([1.5000, 2.5000], dtype=torch.float32)");
  });

  it("shows only the size of a meta tensor", () => {
    const meta = { device: "meta", elements: () => expect.unreachable("a meta tensor has no elements") };
    expect(formatTensor(view({ ...meta, shape: [2, 3] }))).toBe("tensor(..., device='meta', size=(2, 3))");
    expect(formatTensor(view({ ...meta, shape: [4], dtype: "int64" }))).toBe(
      "tensor(..., device='meta', size=(4,), dtype=torch.int64)",
    );
  });
});

describe("reading", () => {
  it("asks only for the elements shown", () => {
    let reads = 0;
    const elements = (ranges: readonly (readonly Range[])[]) => {
      return shownElements(ranges, ([x, y, z], [m, n, k]) => {
        reads += m * n * k;
        const at = (i: number) =>
          (x + Math.floor(i / (n * k))) * 1e6 + (y + (Math.floor(i / k) % n)) * 1e3 + z + (i % k);
        return Array.from({ length: m * n * k }, (_, i) => at(i));
      });
    };
    const text = formatTensor(view({ dtype: "int32", shape: [1000, 1000, 1000], elements }));
    expect(reads).toBe(6 ** 3);
    expect(text).toContain("[        0,         1,         2,  ...,       997,       998,\n");
  });
});

describe("decimal text", () => {
  it("rounds exact ties to even", () => {
    const cases: [number, number, string][] = [
      [0.125, 2, "0.12"],
      [0.375, 2, "0.38"],
      [2.5, 0, "2"],
      [3.5, 0, "4"],
      [0.5, 0, "0"],
      [-0.5, 0, "-0"],
      [-0, 4, "-0.0000"],
      [1e22, 1, "10000000000000000000000.0"],
      [0.1, 20, "0.10000000000000000555"],
      [Number.NaN, 3, "nan"],
      [Number.NEGATIVE_INFINITY, 3, "-inf"],
    ];
    for (const [x, digits, text] of cases) expect(fixedText(x, digits), `${x} ${digits}`).toBe(text);
  });

  it("writes exponents with a sign and two digits", () => {
    const cases: [number, number, string][] = [
      [1e-5, 4, "1.0000e-05"],
      [0, 4, "0.0000e+00"],
      [25, 0, "2e+01"],
      [35, 0, "4e+01"],
      [9.5, 0, "1e+01"],
      [95, 0, "1e+02"],
      [1234500, 3, "1.234e+06"],
      [1235500, 3, "1.236e+06"],
      [0.03125, 2, "3.12e-02"],
      [5e-324, 3, "4.941e-324"],
      [1.7976931348623157e308, 2, "1.80e+308"],
    ];
    for (const [x, digits, text] of cases) expect(exponentialText(x, digits), `${x} ${digits}`).toBe(text);
  });

  it("agrees with the exact expansion beyond the digits that JavaScript offers", () => {
    // 2^-k has exactly k decimals, the last of which is 5.
    for (const k of [1, 10, 60, 120, 300]) {
      const expansion = (5n ** BigInt(k)).toString().padStart(k, "0");
      expect(fixedText(2 ** -k, k)).toBe(`0.${expansion}`);
    }
  });
});

describe("options", () => {
  it("start from the profile, and forget sciMode unless it is given", () => {
    setPrintoptions({ profile: "short", precision: 5, sciMode: true });
    expect(printOptions()).toEqual({ precision: 5, threshold: 1000, edgeitems: 2, linewidth: 80, sciMode: true });
    setPrintoptions({ linewidth: 40 });
    expect(printOptions()).toEqual({ precision: 5, threshold: 1000, edgeitems: 2, linewidth: 40, sciMode: null });
  });

  it("refuse what cannot be counted, and change nothing then", () => {
    expect(() => setPrintoptions({ linewidth: 20, precision: -1 })).toThrow("precision must be a non-negative integer");
    expect(printOptions().linewidth).toBe(80);
  });
});

describe("names", () => {
  it("print as PyTorch's", () => {
    expect([tupleText([]), tupleText([3]), tupleText([2, 3])]).toEqual(["()", "(3,)", "(2, 3)"]);
    expect(returnTypesText("max", { values: "tensor([5.])", indices: "tensor([1])" })).toBe(
      "torch.return_types.max(\nvalues=tensor([5.]),\nindices=tensor([1]))",
    );
  });
});
