// torch.Size: an array that reads from the end as well, and that nobody changes.

import * as torch from "cresset";
import { expect, test } from "vitest";

test("negative indices read from the end", () => {
  const { shape } = torch.zeros(2, 3, 5);
  expect([shape[-1], shape[-2], shape[-3]]).toEqual([5, 3, 2]);
  expect(() => shape[-4]).toThrow("tuple index out of range");
  expect(shape[3]).toBe(undefined);
  expect(torch.zeros(2, 3, 5).size()[-1]).toBe(5);
  expect(Math.sqrt(torch.zeros(1, 4).shape[-1])).toBe(2);
});

test("a tensor's shape cannot be changed through the list that it shows", () => {
  const x = torch.zeros(2, 3);
  expect(() => {
    x.shape[0] = 7;
  }).toThrow(TypeError);
  expect(() => {
    x.shape[-1] = 7;
  }).toThrow("'torch.Size' object does not support item assignment");
  expect(x.shape).toEqual([2, 3]);
  expect(JSON.stringify(x.shape)).toBe("[2,3]");
  expect(x.shape.map((n) => n + 1)).toEqual([3, 4]);
});
