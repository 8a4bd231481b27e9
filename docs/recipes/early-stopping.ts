// Early stopping: training ends when the validation loss has not fallen for a few epochs, with the weights of the best one.

import * as torch from "cresset";

const { nn, optim } = torch;

/** Remembers the best loss and the weights that had it. */
export class EarlyStopping {
  best = Number.POSITIVE_INFINITY;
  private epochs = 0;
  private weights: torch.nn.StateDict | null = null;

  constructor(
    readonly patience: number,
    readonly minDelta = 0,
  ) {}

  /** Takes an epoch's loss; whether training should end. */
  step(loss: number, model: torch.nn.Module): boolean {
    if (loss < this.best - this.minDelta) {
      this.best = loss;
      this.epochs = 0;
      // A state_dict shares the model's memory, so a copy is kept.
      this.weights = torch.deepcopy(model.stateDict());
      return false;
    }
    this.epochs++;
    return this.epochs >= this.patience;
  }

  /** Gives the model the best weights back. */
  restore(model: torch.nn.Module): void {
    if (this.weights !== null) model.loadStateDict(this.weights);
  }
}

/** Trains until the validation loss rises; how many epochs it took, and the loss of the weights that are left. */
export function train(): { epochs: number; loss: number } {
  torch.seedEverything(0);
  const x = torch.randn(8, 4);
  const y = x.select(1, 0).unsqueeze(1).add(torch.randn(8, 1));
  const held = torch.randn(32, 4);
  const wanted = held.select(1, 0).unsqueeze(1);
  const model = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const stopping = new EarlyStopping(3);
  const validate = (): number => {
    model.eval();
    const loss = torch.noGrad(() => nn.functional.mseLoss(model(held), wanted).item());
    model.train();
    return loss;
  };
  let epochs = 0;
  for (; epochs < 200; epochs++) {
    optimizer.zeroGrad();
    nn.functional.mseLoss(model(x), y).backward();
    optimizer.step();
    if (stopping.step(validate(), model)) break;
  }
  stopping.restore(model);
  return { epochs, loss: validate() };
}
