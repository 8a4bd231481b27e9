// The tables of random calls cover every public function, or say why not.

import * as torch from "cresset";
import { expect, test } from "vitest";
import { entries } from "./calls-table";
import { uncovered } from "./calls-uncovered";

function functions(space: string, holder: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(([name, { value, get }]) => {
    const found: unknown = value ?? (space === "method" ? undefined : get?.call(holder));
    const isClass = typeof found === "function" && /^class\b/.test(Function.prototype.toString.call(found));
    return typeof found === "function" && !isClass && name !== "constructor" ? [`${space}.${name}`] : [];
  });
}

test("every public function is called, or has a reason not to be", () => {
  const known = new Set([...entries.map(({ space, name }) => `${space}.${name}`), ...Object.values(uncovered).flat()]);
  const all = [
    ...functions("torch", torch),
    ...functions("functional", torch.nn.functional),
    ...functions("linalg", torch.linalg),
    ...functions("special", torch.special),
    ...functions("method", torch.Tensor.prototype),
  ];
  expect(all.filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !all.includes(name))).toEqual([]);
});
