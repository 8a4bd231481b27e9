import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as torch from "cresset";
import { expect, test } from "vitest";

test("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as { version: string };
  expect(torch.__version__).toBe(version);
});
