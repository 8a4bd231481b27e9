// Discriminative learning rates: layers near the input learn more slowly, and biases and normalisations have no weight decay.

import * as torch from "cresset";

const { nn, optim } = torch;

/** Groups of a row of layers, each layer with `decay` times the rate of the one behind it. */
function groups(model: torch.nn.Sequential, lr: number, decay: number) {
  const layers = [...model].filter((layer) => layer.parameters().length > 0);
  return layers.flatMap((layer, k) => {
    const rate = lr * decay ** (layers.length - 1 - k);
    const matrices = layer.parameters().filter((p) => p.ndim > 1);
    const vectors = layer.parameters().filter((p) => p.ndim <= 1);
    return [
      { params: matrices, lr: rate, weightDecay: 0.1 },
      { params: vectors, lr: rate, weightDecay: 0 },
    ].filter(({ params }) => params.length > 0);
  });
}

/** Trains for five steps; the losses. */
export function train(): number[] {
  torch.seedEverything(0);
  const x = torch.randn(16, 3);
  const y = x.sin().sum(1, { keepdim: true });
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.LayerNorm(8), new nn.GELU(), new nn.Linear(8, 1));
  const optimizer = new optim.AdamW(groups(model, 0.05, 0.5), { lr: 0.05 });
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
