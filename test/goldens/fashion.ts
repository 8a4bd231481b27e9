// The recorded training of a small network on FashionMNIST: batch losses, accuracies and average losses of three epochs from one seed.

import { join } from "node:path";
import { type Options, readJson } from "./cases";
import { agrees } from "./compare";
import { lookup, Mismatch, projectRoot } from "./library";
import { baseScope, evaluateOne } from "./snippet";

/** What is recorded of an epoch. */
export interface Epoch {
  readonly losses: number[];
  readonly test_accuracy: number;
  readonly test_avg_loss: number;
}

interface Recorded {
  readonly run: { readonly epochs: Epoch[] };
  readonly shuffled_run: { readonly epochs: Epoch[] };
  readonly loss_noise_rel_per_epoch: number[];
}

/** The program, in the library's spelling; gives what was recorded. */
const program = (root: string, shuffle: boolean) => `
  const { datasets, transforms } = torch.vision;
  const { DataLoader } = torch.utils.data;
  class NeuralNetwork extends nn.Module {
    constructor() {
      super();
      this.flatten = new nn.Flatten();
      this.linear_relu_stack = new nn.Sequential(
        new nn.Linear(28 * 28, 512), new nn.ReLU(), new nn.Linear(512, 256), new nn.ReLU(), new nn.Linear(256, 10), new nn.Dropout(0.2));
    }
    forward(x) { return this.linear_relu_stack(this.flatten(x)); }
  }
  const read = (train) => new datasets.FashionMNIST(${JSON.stringify(root)}, { train, transform: new transforms.ToTensor() });
  const [training, test] = [read(true), read(false)];
  torch.manualSeed(0);
  const trainLoader = new DataLoader(training, { batchSize: 64, shuffle: ${shuffle} });
  const testLoader = new DataLoader(test, { batchSize: 64 });
  const model = new NeuralNetwork();
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  const epochs = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    model.train();
    const losses = [];
    for (const [X, y] of trainLoader) {
      const loss = lossFn(model(X), y);
      optimizer.zeroGrad(); loss.backward(); optimizer.step();
      losses.push(loss.item());
    }
    model.eval();
    let [correct, sum, batches] = [0, 0, 0];
    torch.noGrad(() => {
      for (const [X, y] of testLoader) {
        const out = model(X);
        sum += lossFn(out, y).item();
        correct += out.argmax(1).eq(y).sum().item();
        batches++;
      }
    });
    epochs.push({ losses, test_accuracy: correct / 1000, test_avg_loss: sum / batches });
  }
  epochs`;

/** The first losses agree to 1e-5, later ones within twenty times what the reference itself moves between kernels. */
const EXACT_STEPS = 40;

function compareEpoch(epoch: number, got: Epoch, expected: Epoch, noise: number): void {
  const check = (what: string, value: number, wanted: number, tolerance: { rtol: number; atol: number }) => {
    if (!agrees(value, wanted, tolerance)) throw new Mismatch(`epoch ${epoch}, ${what}: ${value}, expected ${wanted}`);
  };
  expected.losses.forEach((loss, step) => {
    const rtol = epoch === 0 && step < EXACT_STEPS ? 1e-5 : 20 * noise;
    check(`loss of step ${step}`, got.losses[step], loss, { rtol, atol: 0 });
  });
  check("accuracy", got.test_accuracy, expected.test_accuracy, { rtol: 0, atol: 0.02 });
  check("average loss", got.test_avg_loss, expected.test_avg_loss, { rtol: 20 * noise, atol: 0 });
}

/** Compares the epochs of a run with those recorded. */
export function compareRun(options: Options, shuffle: boolean, epochs: readonly Epoch[]): void {
  const recorded = readJson<Recorded>(options, "train", "fashion_small.json");
  const expected = (shuffle ? recorded.shuffled_run : recorded.run).epochs;
  expected.forEach((epoch, i) => {
    compareEpoch(i, epochs[i], epoch, recorded.loss_noise_rel_per_epoch[i]);
  });
}

/** Trains, with or without shuffling, and compares. */
export function runFashion(options: Options, shuffle: boolean): void {
  lookup("torch.vision.datasets.FashionMNIST");
  const data = join(projectRoot(), "test", "data", "fashion-mnist-small");
  const epochs = evaluateOne(program(data, shuffle), baseScope());
  if (!Array.isArray(epochs)) throw new Mismatch("the program gave no epochs");
  compareRun(options, shuffle, epochs);
}
