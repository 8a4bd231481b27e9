// Losses: what they tell of arguments that hardly can be meant.

import * as torch from "cresset";
import { expect, test, vi } from "vitest";

const { functional: F } = torch.nn;

type Loss = (input: torch.Tensor, target: torch.Tensor, options?: { reduction?: "none" }) => torch.Tensor;

test("a target that broadcasts is warned of once, in PyTorch's words", () => {
  const warning = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    const [column, row] = [torch.ones(3, 1), torch.zeros(3)];
    const losses: Loss[] = [F.mseLoss, F.l1Loss, F.smoothL1Loss, F.huberLoss];
    for (const loss of losses) {
      loss(column, column);
      expect(loss(column, row, { reduction: "none" }).shape).toEqual([3, 3]);
    }
    new torch.nn.MSELoss()(row, torch.tensor(0).float());
    const text = (target: string, input: string) =>
      `UserWarning: Using a target size (torch.Size([${target}])) that is different to the input size (torch.Size([${input}])). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`;
    expect(warning.mock.calls).toEqual([[text("3", "3, 1")], [text("", "3")]]);
  } finally {
    warning.mockRestore();
  }
});
