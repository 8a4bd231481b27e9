import { expect, it } from "vitest";
import { type PythonValue, pythonText } from "../../core/tensor/python-text";

it("prints values as Python's repr does", () => {
  const cases: [PythonValue, string][] = [
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [0.0001, "0.0001"],
    [0.00012345, "0.00012345"],
    [0.5, "0.5"],
    [-0.25, "-0.25"],
    [3, "3"],
    [1e20, "100000000000000000000"],
    [12n, "12"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NaN, "nan"],
    [true, "True"],
    [false, "False"],
    [null, "None"],
    [undefined, "None"],
    ["same", "'same'"],
    ["it's", '"it\'s"'],
    [`a'b"c\n`, "'a\\'b\"c\\n'"],
    [[2, 2], "(2, 2)"],
    [[3], "(3,)"],
    [[], "()"],
    [[0.9, 0.999], "(0.9, 0.999)"],
    [[1, [true, null]], "(1, (True, None))"],
  ];
  for (const [value, text] of cases) expect(pythonText(value)).toBe(text);
});

it("prints integer-valued numbers as floats when asked", () => {
  const cases: [PythonValue, string][] = [
    [1, "1.0"],
    [-0, "-0.0"],
    [1e16, "1e+16"],
    [1.5e300, "1.5e+300"],
    [123456789012345, "123456789012345.0"],
    [[0, 0.5], "(0.0, 0.5)"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ];
  for (const [value, text] of cases) expect(pythonText(value, { float: true })).toBe(text);
});
