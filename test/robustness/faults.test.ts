// Operations that the backend refuses while the garbage collector frees tensors: each throws, and the process lives.

import { expect, test } from "vitest";
import { measureScript } from "../support/child";

// A small young generation makes collections frequent; every one of them finds handles to finalize.
const OFTEN = ["--max-semi-space-size=1"];

test("an operation refused by the backend throws, whenever memory is collected", async () => {
  const caught = await measureScript<string[]>(
    `
    const torch = require("cresset");
    const [x, far, zero] = [torch.ones(3, { dtype: torch.int64 }), torch.tensor([7]), torch.tensor(0)];
    const refused = [() => torch.gather(x, 0, far), () => x.remainder(zero)];
    const messages = new Set();
    for (let i = 0; i < 50_000; i++) {
      torch.empty(100);
      try {
        refused[i % 2]();
      } catch (error) {
        messages.add(error.message);
      }
    }
    console.log(JSON.stringify([...messages]));
  `,
    OFTEN,
  );
  expect(caught).toEqual(["index 7 is out of bounds for dimension 0 with size 3", "ZeroDivisionError"]);
});
