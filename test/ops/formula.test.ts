// What the rows of the elementwise tables are written in: a misspelt method or parameter must not compile.

import { expect, expectTypeOf, test } from "vitest";
import type { Formula } from "../../core/ops/elementwise/declaration";
import type { unary } from "../../core/ops/elementwise/define";
import type { FormulaMethod } from "../../core/program";

test("formulas know the methods and parameters that there are, and no others", () => {
  expectTypeOf<Formula<"alpha">>().toHaveProperty("alpha");
  expectTypeOf<Formula<"alpha">>().not.toHaveProperty("alhpa");
  expectTypeOf<"sigmoid">().toExtend<FormulaMethod>();
  expectTypeOf<"sigmiod">().not.toExtend<FormulaMethod>();
});

test("a row's parameters are the names that its formula may read", () => {
  const declare = (make: typeof unary) => [
    () => make({ parameters: { alpha: 1 }, formula: ({ a, alpha }) => a.mul(alpha) }),
    // @ts-expect-error the parameter is called alpha
    () => make({ parameters: { alpha: 1 }, formula: ({ a, alhpa }) => a.mul(alhpa) }),
    // @ts-expect-error operands have no such method
    () => make({ formula: ({ a }) => a.sigmiod() }),
  ];
  expect(declare).toBeTypeOf("function");
});
