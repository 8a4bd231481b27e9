// Warm-up: the rate rises over the first steps, then falls as a cosine.

import * as torch from "cresset";

const { nn, optim } = torch;
const { lrScheduler } = optim;

/** Trains for eight steps; the rates and the losses. */
export function train(): { rates: number[]; losses: number[] } {
  torch.seedEverything(0);
  const x = torch.randn(16, 3);
  const y = x.abs().sum(1, { keepdim: true });
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
  const rise = new lrScheduler.LinearLR(optimizer, { startFactor: 0.25, totalIters: 3 });
  const fall = new lrScheduler.CosineAnnealingLR(optimizer, 5);
  const schedule = new lrScheduler.SequentialLR(optimizer, [rise, fall], [3]);
  const rates: number[] = [];
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    rates.push(optimizer.paramGroups[0].lr);
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model(x), y);
    loss.backward();
    optimizer.step();
    schedule.step();
    losses.push(loss.item());
  }
  return { rates, losses };
}
