// The public name space: every name that a user finds on Tab is listed in public-names.json. A new name there is a decision: it is
// PyTorch's, or the library's own and documented. Helpers of the library stay in their rooms.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { root } from "../support/child";

const rooms: { [room: string]: readonly string[] } = {
  torch: Object.keys(torch),
  "torch.nn": Object.keys(torch.nn),
  "torch.nn.functional": Object.keys(torch.nn.functional),
  "torch.nn.init": Object.keys(torch.nn.init),
  "torch.nn.utils": Object.keys(torch.nn.utils),
  "torch.nn.Module.prototype": Object.getOwnPropertyNames(torch.nn.Module.prototype),
  "torch.optim": Object.keys(torch.optim),
  "torch.optim.lrScheduler": Object.keys(torch.optim.lrScheduler),
  "torch.optim.swaUtils": Object.keys(torch.optim.swaUtils),
  "torch.utils.data": Object.keys(torch.utils.data),
  "torch.autograd": Object.keys(torch.autograd),
  "torch.autograd.functional": Object.keys(torch.autograd.functional),
  "torch.autograd.graph": Object.keys(torch.autograd.graph),
  "torch.utils.checkpoint": Object.keys(torch.utils.checkpoint),
  "torch.linalg": Object.keys(torch.linalg),
  "torch.special": Object.keys(torch.special),
  "torch.cuda": Object.keys(torch.cuda),
  "torch.csv": Object.keys(torch.csv),
  "torch.numpy": Object.keys(torch.numpy),
  "torch.safetensors": Object.keys(torch.safetensors),
  "torch.vision.io": Object.keys(torch.vision.io),
  "torch.vision.datasets": Object.keys(torch.vision.datasets),
  "torch.Tensor.prototype": Object.getOwnPropertyNames(torch.Tensor.prototype),
};

const listed: unknown = JSON.parse(readFileSync(join(root, "test", "types", "public-names.json"), "utf8"));

test.each(Object.keys(rooms))("%s has the names that are listed, and no others", (room) => {
  const expected = (listed as typeof rooms)[room];
  const names = [...rooms[room]].sort();
  expect({ unlisted: names.filter((name) => !expected.includes(name)) }).toEqual({ unlisted: [] });
  expect({ gone: expected.filter((name) => !names.includes(name)) }).toEqual({ gone: [] });
});
