// Gradient accumulation: the step of a batch of 16 from four batches of 4, of which each is all that memory holds.

import * as torch from "cresset";

const { nn, optim } = torch;

/** Trains for five steps; the mean losses. */
export function train(parts = 4): number[] {
  torch.seedEverything(0);
  const x = torch.randn(16, 3);
  const y = x.pow(2).sum(1, { keepdim: true });
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05 });
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad();
    let total = 0;
    const targets = y.chunk(parts);
    for (const [k, inputs] of x.chunk(parts).entries()) {
      // Gradients add up until zeroGrad(): each part gives its share of the mean.
      const loss = nn.functional.mseLoss(model(inputs), targets[k]).div(parts);
      loss.backward();
      total += loss.item();
    }
    // The norm is that of all parts together, so clipping comes after the last one.
    nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    losses.push(total);
  }
  return losses;
}
