// Results lie in memory as their operands do: strides are PyTorch's.

import * as torch from "cresset";
import { expect, test } from "vitest";

const p = torch.zeros(2, 3, 4).permute(2, 0, 1);
const q = torch.zeros(3, 2, 4).permute(2, 1, 0);
const strides = (...tensors: torch.Tensor[]) => tensors.map((t) => [...t.stride()].join());

test("of elementwise operations: the first operand that tells decides", () => {
  const rows = torch.ones(4, 2, 3);
  expect(strides(p.add(q), p.add(rows), p.add(torch.ones(3)), torch.ones(3).add(p), p.at("::2").exp())).toEqual([
    "1,12,4",
    "1,12,4",
    "1,12,4",
    "1,12,4",
    "1,6,2",
  ]);
  expect(strides(rows.add(p), torch.where(p.gt(0), p, q), torch.nn.functional.gelu(p))).toEqual([
    "6,3,1",
    "1,12,4",
    "1,12,4",
  ]);
  // Some activations do not look at the order.
  const { logsigmoid, prelu, rrelu } = torch.nn.functional;
  expect(strides(logsigmoid(p), prelu(p, torch.ones(1)), rrelu(p, { training: true }))).toEqual([
    "6,3,1",
    "6,3,1",
    "6,3,1",
  ]);
  // Dimensions of size 1 tell as well where operands broadcast.
  const column = torch.zeros(1, 2, 1, 1).movedim(0, 3);
  expect(strides(column.sub(torch.zeros(2, 1, 1)))).toEqual(["1,2,1,4"]);
  // One row times a transposed matrix; a column that was a row.
  expect(strides(torch.ones(1, 3).mul(torch.ones(3, 3).t()), torch.ones(1, 3).t().mul(2))).toEqual(["1,3", "1,1"]);
});

test("of copies and of tensors like another", () => {
  const gaps = p.at(":", ":", "::2");
  expect(
    strides(torch.zerosLike(p), torch.randLike(p), p.to(torch.float64), gaps.clone(), torch.emptyLike(gaps)),
  ).toEqual(["1,12,4", "1,12,4", "1,12,4", "1,8,4", "1,8,4"]);
  expect(strides(p.newZeros([...p.shape]), p.at(":", ":1").expand(4, 5, 3).clone())).toEqual(["6,3,1", "1,4,20"]);
});

test("of reductions, joins and repetitions: row by row", () => {
  expect(strides(p.sum(0), p.softmax(0), torch.cat([p, p]), p.repeat(1, 1, 1))).toEqual([
    "3,1",
    "6,3,1",
    "6,3,1",
    "6,3,1",
  ]);
  expect(strides(p.flip(0), p.sort(0).values)).toEqual(["1,12,4", "1,12,4"]);
});
