// What people do with checkpoints, as the tutorials teach it: go on after a stop, keep the best weights, fine-tune, read a folder of
// annotated images.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as torch from "cresset";
import { beforeAll, describe, expect, test } from "vitest";
import { measureScript } from "../support/child";
import { temporaryFiles } from "../support/files";

const { nn, optim } = torch;
const { DataLoader, TensorDataset } = torch.utils.data;
const file = temporaryFiles();

/** What a training writes down after every epoch. */
interface Checkpoint {
  epoch: number;
  model: torch.nn.StateDict;
  optimizer: torch.optim.OptimizerState;
  scheduler: { [name: string]: unknown };
  ema: torch.nn.StateDict;
  best: number;
  rng: torch.Tensor;
}

/** A training with everything that has a state: dropout and shuffling draw numbers, running statistics and averages go along. */
class Training {
  readonly model = new nn.Sequential(
    new nn.Linear(6, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(16, 2),
  );
  readonly optimizer = new optim.AdamW(this.model.parameters(), { lr: 0.02 });
  readonly scheduler = new optim.lrScheduler.CosineAnnealingLR(this.optimizer, 12);
  readonly ema = new optim.swaUtils.AveragedModel(this.model);
  readonly loader: Iterable<torch.Tensor[]>;
  epoch = 0;
  best = Infinity;

  constructor() {
    const x = torch.linspace(-1, 1, 40 * 6).view(40, 6);
    const y = x.sum(1).gt(0).long();
    this.loader = new DataLoader(new TensorDataset(x, y), { batchSize: 8, shuffle: true }) as Iterable<torch.Tensor[]>;
  }

  run(): number {
    let sum = 0;
    for (const [x, y] of this.loader) {
      const loss = nn.functional.crossEntropy(this.model(x), y);
      this.optimizer.zeroGrad();
      loss.backward();
      this.optimizer.step();
      this.ema.updateParameters(this.model);
      sum += loss.item();
    }
    this.scheduler.step();
    this.epoch++;
    this.best = Math.min(this.best, sum);
    return sum;
  }

  save(path: string): void {
    const { epoch, model, optimizer, scheduler, ema, best } = this;
    const checkpoint: Checkpoint = {
      epoch,
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      scheduler: scheduler.stateDict(),
      ema: ema.stateDict(),
      best,
      rng: torch.getRngState(),
    };
    torch.save(checkpoint, path);
  }

  load(path: string): void {
    const checkpoint = torch.load<Checkpoint>(path);
    this.model.loadStateDict(checkpoint.model);
    this.optimizer.loadStateDict(checkpoint.optimizer);
    this.scheduler.loadStateDict(checkpoint.scheduler);
    this.ema.loadStateDict(checkpoint.ema);
    this.epoch = checkpoint.epoch;
    this.best = checkpoint.best;
    torch.setRngState(checkpoint.rng);
  }
}

describe("going on after a stop", () => {
  test("a training that was stopped has the losses of one that was not, to the last bit", () => {
    torch.manualSeed(11);
    const straight = new Training();
    const wanted = Array.from({ length: 6 }, () => straight.run());

    torch.manualSeed(11);
    const first = new Training();
    const losses = Array.from({ length: 3 }, () => first.run());
    first.save(file("stopped.pt"));
    torch.manualSeed(999);
    const second = new Training();
    second.load(file("stopped.pt"));
    for (let k = 0; k < 3; k++) losses.push(second.run());

    expect(losses).toEqual(wanted);
    expect(second.epoch).toBe(6);
    expect(second.best).toBe(straight.best);
    expect(second.scheduler.getLastLr()).toEqual(straight.scheduler.getLastLr());
    for (const [name, tensor] of straight.ema.stateDict()) {
      expect(torch.equal(second.ema.stateDict()[name], tensor), name).toBe(true);
    }
  });

  test("a saved rate does not jump when the schedule goes on", () => {
    const rates = (training: Training, epochs: number) =>
      Array.from({ length: epochs }, () => {
        training.run();
        return training.optimizer.paramGroups[0].lr;
      });
    const wanted = rates(new Training(), 6);
    const first = new Training();
    const got = rates(first, 2);
    first.save(file("rates.pt"));
    const second = new Training();
    second.load(file("rates.pt"));
    expect([...got, ...rates(second, 4)]).toEqual(wanted);
  });
});

test("the best weights are kept while the model trains on", () => {
  const model = new nn.Linear(2, 1);
  const best = torch.deepcopy(model.stateDict());
  torch.save(model.stateDict(), file("best.pt"));
  torch.noGrad(() => model.weight.add_(5));
  expect(torch.equal(best.weight, model.weight)).toBe(false);
  model.loadStateDict(torch.load(file("best.pt")));
  expect(torch.equal(best.weight, model.weight)).toBe(true);
});

test("fine-tuning: another head, a frozen body, then all of it", () => {
  const network = (classes: number) =>
    new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, classes)) as torch.nn.Sequential;
  const trained = network(10);
  torch.save(trained.stateDict(), file("pretrained.pt"));

  const model = network(3);
  const state = torch.load<torch.nn.StateDict>(file("pretrained.pt"));
  expect(() => model.loadStateDict(state, { strict: false })).toThrow("size mismatch for 2.weight");
  state.pop("2.weight");
  state.pop("2.bias");
  const { missingKeys, unexpectedKeys } = model.loadStateDict(state, { strict: false });
  expect([missingKeys, unexpectedKeys]).toEqual([["2.weight", "2.bias"], []]);

  const body = model[0] as torch.nn.Linear;
  body.requiresGrad_(false);
  const before = body.weight.clone();
  const optimizer = new optim.SGD(
    model.parameters().filter((p) => p.requiresGrad),
    { lr: 0.1 },
  );
  const step = () => {
    optimizer.zeroGrad();
    model(torch.ones(2, 4)).pow(2).sum().backward();
    optimizer.step();
  };
  step();
  expect(torch.equal(body.weight, before)).toBe(true);
  body.requiresGrad_(true);
  optimizer.addParamGroup({ params: body.parameters(), lr: 0.01 });
  step();
  expect(torch.equal(body.weight, before)).toBe(false);
});

describe("a folder of images with a table of annotations", () => {
  const { readImage, writePng } = torch.vision.io;
  const { transforms } = torch.vision;
  const names = Array.from({ length: 7 }, (_, k) => `${k}.png`);

  beforeAll(() => {
    mkdirSync(file("shirts"));
    for (const [k, name] of names.entries()) {
      writePng(torch.full([1, 4, 6], 10 * k, { dtype: torch.uint8 }), file(`shirts/${name}`));
    }
    writeFileSync(file("shirts.csv"), `${names.map((name, k) => `${name},${k % 3}`).join("\n")}\n`);
  });

  class CustomImageDataset extends torch.utils.data.Dataset<[torch.Tensor, number]> {
    private readonly names: readonly string[];
    private readonly labels: torch.Tensor;

    constructor(
      annotationsFile: string,
      private readonly imgDir: string,
      private readonly transform: ((image: torch.Tensor) => torch.Tensor) | null = null,
      private readonly targetTransform: ((label: number) => number) | null = null,
    ) {
      super();
      const table = torch.csv.read(annotationsFile, { header: false });
      this.names = table.column("0");
      this.labels = table.tensor("1", { dtype: torch.int64 });
    }

    get length(): number {
      return this.names.length;
    }

    get(index: number): [torch.Tensor, number] {
      const image = readImage(join(this.imgDir, this.names[index]));
      const label = this.labels.at(index).item();
      return [this.transform?.(image) ?? image, this.targetTransform?.(label) ?? label];
    }
  }

  /** The level of grey and the label of every item, batch by batch. */
  function contents(options: { numWorkers: number; shuffle?: boolean }): string[] {
    torch.manualSeed(7);
    const transform = new transforms.Compose([
      new transforms.Resize([8, 8]),
      new transforms.ConvertImageDtype(torch.float32),
      new transforms.Normalize([0.5], [0.5]),
    ]) as (image: torch.Tensor) => torch.Tensor;
    const data = new CustomImageDataset(file("shirts.csv"), file("shirts"), transform, (label) => label + 1);
    return [...new DataLoader(data, { batchSize: 4, ...options })].map(([images, labels]) => {
      expect(`${images.dtype} ${images.shape.slice(1)} ${labels.dtype}`).toBe("torch.float32 1,8,8 torch.int64");
      const levels = images.at(":", 0, 3, 3).mul(0.5).add(0.5).mul(25.5).round().tolist();
      return `${levels} | ${labels.tolist()}`;
    });
  }

  test("comes in order, the same from workers", () => {
    for (const numWorkers of [0, 2]) {
      expect(contents({ numWorkers })).toEqual(["0,1,2,3 | 1,2,3,1", "4,5,6 | 2,3,1"]);
    }
  });

  test("comes in PyTorch's order when it is shuffled", () => {
    // torch.manual_seed(7); [b for b in DataLoader(range(7), 4, shuffle=True)]
    const order = ["2,0,5,6 | 3,1,3,1", "3,4,1 | 1,2,2"];
    for (const numWorkers of [0, 2]) expect(contents({ numWorkers, shuffle: true })).toEqual(order);
  });

  test("says which image is damaged", () => {
    const bytes = readFileSync(file("shirts/2.png"));
    writeFileSync(file("shirts/2.png"), bytes.subarray(0, 50));
    for (const numWorkers of [0, 2]) expect(() => contents({ numWorkers })).toThrow(/the image is damaged/);
    writeFileSync(file("shirts/2.png"), bytes);
  });
});

test("a file of 1 GB opens at once, and one tensor of it is read without the rest", { timeout: 120_000 }, async () => {
  const path = JSON.stringify(file("large.pt"));
  // Written sparse: the header and the end of the file are what a save writes, the elements are a hole.
  const { milliseconds, grown, last } = await measureScript<{ milliseconds: number; grown: number; last: number }>(`
    const fs = require("node:fs");
    const torch = require("cresset");
    const header = { large: { dtype: "F32", shape: [2 ** 28], data_offsets: [0, 2 ** 30] }, small: { dtype: "F32", shape: [3], data_offsets: [2 ** 30, 2 ** 30 + 12] } };
    const text = Buffer.from(JSON.stringify(header).padEnd(256));
    const file = fs.openSync(${path}, "w");
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    fs.writeSync(file, length, 0, 8, 0);
    fs.writeSync(file, text, 0, text.length, 8);
    fs.writeSync(file, Buffer.from(new Float32Array([1, 2, 3]).buffer), 0, 12, 8 + text.length + 2 ** 30);
    fs.closeSync(file);
    const before = process.memoryUsage().rss;
    const start = performance.now();
    const tensors = torch.safetensors.loadFile(${path});
    const last = tensors.small.at(2).item();
    const milliseconds = performance.now() - start;
    console.log(JSON.stringify({ milliseconds, last, grown: process.memoryUsage().rss - before }));`);
  expect(last).toBe(3);
  expect(grown).toBeLessThan(64 * 2 ** 20);
  expect(milliseconds).toBeLessThan(2000);
});
