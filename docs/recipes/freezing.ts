// Freezing: a new head is trained on a body that stays as it is; later the body trains along, at a lower rate.

import * as torch from "cresset";

const { nn, optim } = torch;

class Net extends nn.Module {
  body = new nn.Sequential(new nn.Linear(3, 8), new nn.BatchNorm1d(8), new nn.ReLU());
  head = new nn.Linear(8, 1);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.head(this.body(x));
  }
}

/** Trains the head for three steps and all of the net for three more; the losses. */
export function train(): number[] {
  torch.seedEverything(0);
  const x = torch.randn(16, 3);
  const y = x.prod(1, { keepdim: true });
  const model = new Net();
  model.body.requiresGrad_(false);
  // Statistics of batch normalisation would change in training mode, also without gradients.
  model.body.eval();
  const optimizer = new optim.SGD(model.head.parameters(), { lr: 0.1, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < 6; step++) {
    if (step === 3) {
      model.body.requiresGrad_(true).train();
      optimizer.addParamGroup({ params: model.body.parameters(), lr: 0.01 });
    }
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
