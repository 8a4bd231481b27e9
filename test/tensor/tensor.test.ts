// What a tensor tells of itself.

import * as torch from "cresset";
import { expect, test } from "vitest";

test("length is the size of the first dimension, as len() in Python", () => {
  expect(torch.ones(3, 2).length).toBe(3);
  expect(torch.ones(0).length).toBe(0);
  expect(() => torch.tensor(1).length).toThrow("len() of a 0-d tensor");
});
