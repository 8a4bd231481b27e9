// Names that the library and its backend both know: a misspelt one does not compile, and lists that differ are found when the add-on loads.

import { expect, expectTypeOf, test } from "vitest";
import type { call } from "../../core/dispatch";
import type { step } from "../../core/program";
import type { KernelName, StepName } from "../../core/wire";
import { runScript } from "../support/child";

test("a misspelt kernel or step does not compile", () => {
  expectTypeOf<"gather">().toExtend<KernelName>();
  expectTypeOf<"gahter">().not.toExtend<KernelName>();
  expectTypeOf<"sigmoid">().toExtend<StepName>();
  const misspelt = (run: typeof call, write: typeof step) => [
    // @ts-expect-error the kernel is called gather
    () => run("gahter", []),
    // @ts-expect-error the step is called sigmoid
    () => write("sigmiod", []),
  ];
  expect(misspelt).toBeTypeOf("function");
});

test.each(["pointwise", "reduce", "kernels", "dtypes"])(
  "a list of %s with another name is refused at start",
  async (list) => {
    const { code, stderr } = await runScript(`
    require("./build/Release/openmp.node");
    const file = require.resolve("./build/Release/cresset.node");
    const backend = require(file);
    const info = (what, value) => what === "${list}" ? [...backend.info(what), "newest"] : backend.info(what, value);
    require.cache[file].exports = { ...backend, info };
    require("cresset");
  `);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `the add-on and the library have different lists of ${list}: number \\d+ is newest in native/ops and absent`,
      ),
    );
  },
);
