// Pruning: masks by every method, one upon another, over several parameters, trained and made permanent.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;
const { prune } = nn.utils;

const values = [
  [0.1, -0.4, 0.3],
  [0.6, -0.2, 0.5],
];

/** A layer of known weights, with the random stream of seed 0. */
function layer(): torch.nn.Linear {
  const made = new nn.Linear(3, 2);
  torch.noGrad(() => {
    made.weight.copy_(torch.tensor(values));
    made.bias?.copy_(torch.tensor([0.05, -0.7]));
  });
  torch.manualSeed(0);
  return made;
}

const maskOf = (module: torch.nn.Module, name = "weight") => module.getBuffer(`${name}_mask`).tolist();

describe("pruning", () => {
  test("leaves out what PyTorch leaves out", () => {
    const masks = {
      smallest: prune.l1Unstructured(layer(), "weight", 0.3),
      random: prune.randomUnstructured(layer(), "weight", 2),
      column: prune.lnStructured(layer(), "weight", { amount: 1, n: 2, dim: 1 }),
      row: prune.randomStructured(layer(), "weight", { amount: 0.5, dim: 0 }),
    };
    expect(maskOf(masks.smallest)).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
    expect(maskOf(masks.random)).toEqual([
      [1, 0, 1],
      [1, 1, 0],
    ]);
    expect(maskOf(masks.column)).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ]);
    expect(maskOf(masks.row)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
  });

  test("goes on from what was pruned before", () => {
    const pruned = layer();
    prune.l1Unstructured(pruned, "weight", 2);
    prune.lnStructured(pruned, "weight", 1, 1, 0);
    expect(maskOf(pruned)).toEqual([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    expect(Object.keys(pruned.stateDict())).toEqual(["bias", "weight_orig", "weight_mask"]);
    expect([prune.isPruned(new nn.Sequential(pruned)), prune.isPruned(layer())]).toEqual([true, false]);
  });

  test("over several parameters compares all their elements", () => {
    const pruned = layer();
    prune.globalUnstructured(
      [
        [pruned, "weight"],
        [pruned, "bias"],
      ],
      prune.L1Unstructured,
      { amount: 3 },
    );
    expect(maskOf(pruned)).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
    expect(maskOf(pruned, "bias")).toEqual([0, 1]);
    expect(() => prune.globalUnstructured([[pruned, "weight"]], prune.RandomStructured, { amount: 1 })).toThrow(
      'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`.',
    );
  });

  test("trains what is left, until it is permanent", () => {
    const pruned = prune.customFromMask(
      layer(),
      "weight",
      torch.tensor([
        [1, 0, 1],
        [0, 1, 0],
      ]),
    ) as torch.nn.Linear;
    const optimizer = new torch.optim.SGD(pruned.parameters(), { lr: 0.1 });
    const copy = torch.deepcopy(pruned.stateDict());
    pruned(torch.ones(1, 3)).sum().backward();
    optimizer.step();
    const original = pruned.getParameter("weight_orig");
    expect(original.grad?.tolist()).toEqual([
      [1, 0, 1],
      [0, 1, 0],
    ]);
    pruned.loadStateDict(copy);
    prune.remove(pruned, "weight");
    expect(pruned.getParameter("weight")).toBe(original);
    expect(Object.keys(pruned.stateDict())).toEqual(["bias", "weight"]);
    expect(pruned.weight.ne(0).tolist()).toEqual([
      [true, false, true],
      [false, true, false],
    ]);
    expect(() => prune.remove(pruned, "weight")).toThrow(
      "Parameter 'weight' of module Linear(in_features=3, out_features=2, bias=True) has to be pruned before pruning can be removed",
    );
  });

  test("is extended by classes of one's own", () => {
    class FirstColumn extends prune.BasePruningMethod {
      readonly PRUNING_TYPE = "unstructured";
      override computeMask(_t: torch.Tensor, defaultMask: torch.Tensor): torch.Tensor {
        const mask = defaultMask.clone();
        mask.select(1, 0).fill_(0);
        return mask;
      }
    }
    const pruned = layer();
    FirstColumn.apply(pruned, "weight");
    expect(maskOf(pruned)).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
  });

  test("refuses amounts and tensors that make no sense", () => {
    const words = "should either be a float in the range [0, 1] or a non-negative integer";
    expect(() => prune.l1Unstructured(layer(), "weight", 1.5)).toThrow(`amount=1.5 ${words}`);
    expect(() => prune.l1Unstructured(layer(), "weight", 7)).toThrow(
      "amount=7 should be smaller than the number of parameters to prune=6",
    );
    expect(() => prune.lnStructured(layer(), "bias", 1, 2, 0)).toThrow(
      "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([2]) with 1 dims",
    );
    expect(() => prune.lnStructured(layer(), "weight", 1, 2, 2)).toThrow(
      "Invalid index 2 for tensor of size torch.Size([2, 3])",
    );
  });
});
