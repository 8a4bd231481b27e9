// The workloads by name: what is set up, and the body that is timed. torch_bench.py holds the same ones in PyTorch; sizes and dtypes
// must stay equal.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as torch from "../core/index";

const { nn, optim } = torch;
const { DataLoader, Dataset, TensorDataset } = torch.utils.data;

/** A named piece of work. */
export interface Workload {
  /** Operations in one call of the body, when more than one: times are given per operation. */
  readonly operations?: number;
  /** Makes the inputs on a device; returns the body to time. */
  setup(device: string): () => unknown;
}

const SIXTEEN_MILLION = 1 << 24;
const SMALL_REPEATS = 1000;

/** A body over `count` vectors of 16 M random float32 numbers. */
function large(count: number, body: (...inputs: torch.Tensor[]) => unknown): Workload {
  return {
    setup: (device) => {
      const inputs = Array.from({ length: count }, () => torch.randn(SIXTEEN_MILLION, { device }));
      return () => body(...inputs);
    },
  };
}

/** A body over one batch of random float32 matrices, symmetric and positive-definite on request. */
function ofMatrices(shape: readonly number[], body: (a: torch.Tensor) => unknown, definite = false): Workload {
  return {
    setup: (device) => {
      const drawn = torch.randn([...shape], { device });
      const n = shape[shape.length - 1];
      const a = definite ? drawn.matmul(drawn.transpose(-2, -1)).add(torch.eye(n, { device }).mul(n)) : drawn;
      return () => body(a);
    },
  };
}

/** One step of training on fixed inputs. */
function trainingStep(
  model: torch.nn.Sequential,
  optimizer: torch.optim.Optimizer,
  x: torch.Tensor,
  target: torch.Tensor,
): () => unknown {
  return () => {
    optimizer.zeroGrad({ setToNone: true });
    nn.functional.crossEntropy(model(x), target).backward();
    optimizer.step();
  };
}

/** Images that each take a millisecond of computing to read. */
class Decoded extends Dataset<torch.Tensor> {
  readonly length = 640;

  get(index: number): torch.Tensor {
    const end = performance.now() + 1;
    while (performance.now() < end);
    return torch.full([3, 32, 32], index);
  }
}

function passOver(loader: Iterable<unknown>): void {
  for (const _ of loader);
}

/** A state_dict of 100 MB: 25 matrices of 1024 × 1024. */
function largeState(): torch.nn.StateDict {
  const matrices = Array.from({ length: 25 }, (_, k) => [`layers.${k}.weight`, torch.randn(1024, 1024)] as const);
  return new nn.StateDict(matrices);
}

/** Photographs of 256 × 256, as networks take them. */
class Photos extends Dataset<torch.Tensor> {
  private readonly transform = new torch.vision.transforms.Compose([
    new torch.vision.transforms.Resize([224, 224]),
    new torch.vision.transforms.ToTensor(),
    new torch.vision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
  ]);

  constructor(private readonly paths: readonly string[]) {
    super();
  }

  get length(): number {
    return this.paths.length;
  }

  get(index: number): torch.Tensor {
    return this.transform(torch.vision.datasets.defaultLoader(this.paths[index]));
  }
}

/** JPEG files of 20 KB: coarse shapes with some noise. */
function photos(count: number): string[] {
  const path = benchFile();
  return Array.from({ length: count }, (_, k) => {
    const shapes = nn.functional.interpolate(torch.rand(1, 3, 16, 16), { size: [256, 256], mode: "bilinear" });
    const pixels = shapes
      .squeeze(0)
      .mul(230)
      .add(torch.rand(3, 256, 256).mul(25))
      .to(torch.uint8);
    const file = `${path}.${k}.jpg`;
    writeFileSync(file, torch.vision.io.encodeJpeg(pixels, 90).raw());
    return file;
  });
}

/** A file of the system's temporary folder that goes when the process ends. */
function benchFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "cresset-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "state.pt");
}

/** Every workload that `npm run bench` knows. */
export const workloads: { readonly [name: string]: Workload } = {
  add_16M: large(2, (x, y) => x.add(y)),
  exp_16M: large(1, (x) => x.exp()),
  chain_16M: large(3, (x, y, z) => x.mul(y).add(z).relu().mul(2).sum()),
  sum_16M: large(1, (x) => x.sum()),
  matmul_1024_f32: {
    setup: (device) => {
      const a = torch.randn(1024, 1024, { device });
      const b = torch.randn(1024, 1024, { device });
      return () => a.matmul(b);
    },
  },
  svd_512: ofMatrices([512, 512], (a) => torch.linalg.svd(a)),
  eigh_512: ofMatrices([512, 512], (a) => torch.linalg.eigh(a), true),
  solve_1024: ofMatrices([1024, 1024], (a) => torch.linalg.solve(a, a), true),
  cholesky_1024: ofMatrices([1024, 1024], (a) => torch.linalg.cholesky(a), true),
  qr_1024: ofMatrices([1024, 1024], (a) => torch.linalg.qr(a)),
  inverse_4096x8x8: ofMatrices([4096, 8, 8], (a) => torch.linalg.inv(a), true),
  small_add: {
    operations: SMALL_REPEATS,
    setup: (device) => {
      const x = torch.randn(4, { device });
      return () => {
        for (let i = 0; i < SMALL_REPEATS; i++) x.add(x);
      };
    },
  },
  small_softmax: {
    operations: SMALL_REPEATS,
    setup: (device) => {
      const x = torch.randn(4, { device });
      return () => {
        for (let i = 0; i < SMALL_REPEATS; i++) x.softmax(0);
      };
    },
  },
  // Ops of two sizes, of which the smaller has work for a few threads only, on eight threads whatever the machine has: a team that
  // changes its size with the work ends threads and starts others.
  threads8: {
    setup: (device) => {
      torch.setNumThreads(8);
      const small = torch.randn(1 << 17, { device });
      const large = torch.randn(1 << 20, { device });
      return () => {
        for (let i = 0; i < 20; i++) {
          small.add(small);
          large.add(large);
        }
      };
    },
  },
  small_chain_backward: {
    setup: (device) => () => {
      const x = torch.tensor([0.1, 0.2, 0.3, 0.4], { requiresGrad: true, device });
      const y = x.mul(0.5).add(1).tanh().mul(x).sigmoid().sub(0.1);
      y.exp().neg().mul(2).sum().backward();
    },
  },
  mlp_step: {
    setup: (device) => {
      const model = new nn.Sequential(
        new nn.Linear(784, 512),
        new nn.ReLU(),
        new nn.Linear(512, 256),
        new nn.ReLU(),
        new nn.Linear(256, 10),
      ).to(device);
      const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
      return trainingStep(model, optimizer, torch.randn(64, 784, { device }), torch.randint(0, 10, [64], { device }));
    },
  },
  lenet_step: {
    setup: (device) => {
      const model = new nn.Sequential(
        new nn.Conv2d(1, 6, 5),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(6, 16, 5),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(256, 120),
        new nn.ReLU(),
        new nn.Linear(120, 84),
        new nn.ReLU(),
        new nn.Linear(84, 10),
      ).to(device);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
      const x = torch.randn(64, 1, 28, 28, { device });
      return trainingStep(model, optimizer, x, torch.randint(0, 10, [64], { device }));
    },
  },
  dataloader_60k: {
    setup: () => {
      const data = new TensorDataset(torch.rand(60_000, 1, 28, 28), torch.randint(0, 10, [60_000]));
      const loader = new DataLoader(data, { batchSize: 64, shuffle: true });
      return () => passOver(loader);
    },
  },
  decode_1ms: { setup: () => () => passOver(new DataLoader(new Decoded(), { batchSize: 32 })) },
  decode_1ms_2_workers: {
    setup: () => () => passOver(new DataLoader(new Decoded(), { batchSize: 32, numWorkers: 2 })),
  },
  // Decoded, resized, normalised, in batches; PyTorch's side uses Pillow.
  images_600_2_workers: {
    setup: () => {
      const loader = new DataLoader(new Photos(photos(600)), { batchSize: 32, numWorkers: 2, persistentWorkers: true });
      return () => passOver(loader);
    },
  },
  state_dict_save_100MB: {
    setup: () => {
      const state = largeState();
      const file = benchFile();
      return () => torch.save(state, file);
    },
  },
  // Every element is read, since a mapped file is read no sooner.
  state_dict_load_100MB: {
    setup: () => {
      const file = benchFile();
      torch.save(largeState(), file);
      const model = largeState();
      return () => {
        const state = torch.load<torch.nn.StateDict>(file);
        for (const [name, tensor] of state) model[name].copy_(tensor);
      };
    },
  },
  // Opens a file and reads one of its tensors.
  open_1GB: {
    setup: () => {
      const file = benchFile();
      const state = new nn.StateDict({ large: torch.zeros(1 << 28), small: torch.ones(3) });
      torch.save(state, file);
      return () => torch.load<torch.nn.StateDict>(file).small.sum().item();
    },
  },
  import: {
    setup: () => {
      const cwd = resolve(__dirname, "..", "..");
      return () => {
        const { status } = spawnSync(process.execPath, ["-e", 'require("cresset")'], { cwd, stdio: "inherit" });
        if (status !== 0) throw new Error("the library could not be imported");
      };
    },
  },
};
