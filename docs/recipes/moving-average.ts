// Moving averages of weights: EMA, which forgets early weights, and SWA, the mean over the end of a run, whose batch normalisations
// get statistics of their own.

import * as torch from "cresset";

const { nn, optim } = torch;
const { swaUtils } = optim;

/** Trains for eight steps; the losses of the model itself, of its EMA and of its SWA, in evaluation mode. */
export function train(): { model: number; ema: number; swa: number } {
  torch.seedEverything(0);
  const x = torch.randn(16, 3);
  const y = x.pow(2).mean(1, { keepdim: true });
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.BatchNorm1d(8), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const ema = new swaUtils.ModelEMA(model, { decay: 0.9, tau: 4 });
  const swa = new swaUtils.AveragedModel(model);
  const rates = new swaUtils.SWALR(optimizer, { swaLr: 0.02, annealEpochs: 2 });
  for (let step = 0; step < 8; step++) {
    optimizer.zeroGrad();
    nn.functional.mseLoss(model(x), y).backward();
    optimizer.step();
    ema.update(model);
    if (step >= 4) {
      swa.updateParameters(model);
      rates.step();
    }
  }
  swaUtils.updateBn([x], swa);
  const lossOf = (net: torch.nn.Module) => torch.noGrad(() => nn.functional.mseLoss(net.eval()(x), y).item());
  return { model: lossOf(model), ema: lossOf(ema.module), swa: lossOf(swa) };
}
