// Files that PyTorch itself reads and writes: what is saved here loads there with equal contents, dtypes, strides and sharing, and the
// other way round. Runs where PyTorch is.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as torch from "cresset";
import { beforeAll, describe, expect, test } from "vitest";
import { everyDtype } from "../support/dtypes";
import { temporaryFiles } from "../support/files";
import { namedBits, plain, Random, state } from "../support/random-state";

const { nn, optim } = torch;
const compiled = createRequire(resolve(__dirname, "../../dist/test/fuzz/main.js"));
const { peerVersion } = compiled("./peer.js") as typeof import("../fuzz/peer");
const file = temporaryFiles();

/** Runs a program in Python, where `path` gives the test's files; returns what it prints as JSON. */
function python(program: string): unknown {
  const begin = `import json, torch\nfrom torch import nn\npath = lambda name: ${JSON.stringify(file(""))} + "/" + name\n`;
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-c", begin + program], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" },
    maxBuffer: 2 ** 26,
  });
  expect(status, stderr).toBe(0);
  return stdout.trim() === "" ? null : JSON.parse(stdout);
}

/** What a module prints and computes after its state was saved here and loaded there, and after it was saved whole. */
interface Module {
  readonly name: string;
  readonly python: string;
  make(): torch.nn.Module;
  readonly input: number[];
}

const modules: readonly Module[] = [
  { name: "Linear", python: "nn.Linear(4, 3)", make: () => new nn.Linear(4, 3), input: [2, 4] },
  {
    name: "Conv2d",
    python: "nn.Conv2d(2, 4, 3, padding=1, stride=2)",
    make: () => new nn.Conv2d(2, 4, 3, { padding: 1, stride: 2 }),
    input: [1, 2, 6, 6],
  },
  {
    name: "Conv1d",
    python: "nn.Conv1d(2, 4, 3, padding=1, padding_mode='reflect')",
    make: () => new nn.Conv1d(2, 4, 3, { padding: 1, paddingMode: "reflect" }),
    input: [1, 2, 6],
  },
  {
    name: "ConvTranspose2d",
    python: "nn.ConvTranspose2d(2, 3, 3)",
    make: () => new nn.ConvTranspose2d(2, 3, 3),
    input: [1, 2, 4, 4],
  },
  { name: "BatchNorm2d", python: "nn.BatchNorm2d(2)", make: () => new nn.BatchNorm2d(2), input: [2, 2, 3, 3] },
  { name: "LayerNorm", python: "nn.LayerNorm(4)", make: () => new nn.LayerNorm(4), input: [2, 4] },
  { name: "GroupNorm", python: "nn.GroupNorm(2, 4)", make: () => new nn.GroupNorm(2, 4), input: [2, 4, 3] },
  { name: "PReLU", python: "nn.PReLU()", make: () => new nn.PReLU(), input: [2, 4] },
  { name: "GELU", python: "nn.GELU()", make: () => new nn.GELU(), input: [2, 4] },
  { name: "MaxPool2d", python: "nn.MaxPool2d(2)", make: () => new nn.MaxPool2d(2), input: [1, 2, 4, 4] },
  {
    name: "AdaptiveAvgPool2d",
    python: "nn.AdaptiveAvgPool2d(2)",
    make: () => new nn.AdaptiveAvgPool2d(2),
    input: [1, 2, 4, 4],
  },
  { name: "Dropout", python: "nn.Dropout(0.3)", make: () => new nn.Dropout(0.3), input: [2, 4] },
  { name: "Flatten", python: "nn.Flatten()", make: () => new nn.Flatten(), input: [2, 2, 2] },
  {
    name: "Upsample",
    python: "nn.Upsample(size=4)",
    make: () => new nn.Upsample({ size: 4 }),
    input: [1, 1, 2, 2],
  },
  {
    name: "a perceptron",
    python: "nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))",
    make: () => new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2)),
    input: [3, 2, 2],
  },
  {
    name: "an encoder layer",
    python: "nn.TransformerEncoderLayer(4, 2, 8)",
    make: () => new nn.TransformerEncoderLayer(4, 2, 8),
    input: [3, 2, 4],
  },
  {
    name: "LSTM",
    python: "nn.LSTM(3, 4, 2, bidirectional=True)",
    make: () => new nn.LSTM(3, 4, 2, { bidirectional: true }),
    input: [5, 2, 3],
  },
  { name: "GRU", python: "nn.GRU(3, 4)", make: () => new nn.GRU(3, 4), input: [5, 2, 3] },
];

describe.skipIf(peerVersion() === null)("PyTorch", () => {
  test("reads what is saved here: contents, dtypes, strides, sharing", () => {
    const base = torch.arange(12, { dtype: torch.float32 });
    torch.save(
      {
        views: [base, base.view(3, 4).t(), base.at("2:5"), torch.ones(3).expand(2, 3)],
        dtypes: everyDtype.map((dtype) => torch.tensor([0, 1, 1], { dtype })),
        parameter: new nn.Parameter(torch.ones(2)),
        leaf: torch.ones(2).requiresGrad_(),
        empty: [torch.zeros(0, 3), torch.tensor(3)],
        plain: [
          Object.freeze([1, 2.5, null]),
          new Set([1, "a"]),
          2n ** 100n,
          -(2n ** 64n),
          "naïve \ud800",
          new Uint8Array([0, 255]),
          true,
        ],
        dict: new Map<unknown, unknown>([
          [1, "int"],
          ["1", "str"],
        ]),
        kinds: [torch.float16, torch.device("cuda:1"), new torch.Size([2, 3])],
      },
      file("out.pt"),
    );
    expect(
      python(`
x = torch.load(path("out.pt"))
v = x["views"]
v[0][2] = -5
w = torch.load(path("out.pt"), map_location="cpu")
print(json.dumps([
  [t.tolist() for t in v], [t.stride() for t in v], v[2].storage_offset(), v[2].storage().size(),
  [str(t.dtype) for t in x["dtypes"]], [t.tolist() for t in x["dtypes"]],
  type(x["parameter"]).__name__, x["leaf"].requires_grad, x["leaf"].is_leaf,
  [list(t.shape) for t in x["empty"]], repr(x["plain"]) in ("[(1, 2.5, None), {1, 'a'}, %d, %d, %r, b'\\\\x00\\\\xff', True]" % (2**100, -2**64, "naïve \\ud800"), "[(1, 2.5, None), {'a', 1}, %d, %d, %r, b'\\\\x00\\\\xff', True]" % (2**100, -2**64, "naïve \\ud800")),
  [repr(k) for k in x["dict"]], [str(k) for k in x["kinds"]]]))`),
    ).toEqual([
      [
        [0, 1, -5, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        [
          [0, 4, 8],
          [1, 5, 9],
          [-5, 6, 10],
          [3, 7, 11],
        ],
        [-5, 3, 4],
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
      [[1], [1, 4], [1], [0, 1]],
      2,
      12,
      everyDtype.map(String),
      [[false, true, true], ...new Array(9).fill([0, 1, 1])],
      "Parameter",
      true,
      true,
      [[0, 3], []],
      true,
      ["1", "'1'"],
      ["torch.float16", "cuda:1", "torch.Size([2, 3])"],
    ]);
  });

  test("saves what is read here, in both of its formats", () => {
    python(`
base = torch.arange(12.)
x = {"views": [base, base.view(3, 4).t(), base[2:5]], "half": torch.ones(3, dtype=torch.bfloat16), "n": {1: (1, 2), 0: [3.5]},
     "p": nn.Parameter(torch.ones(2)), "big": 2**70, "s": {4}, "m": torch.empty(2, 3, device="meta"), "b": b"\\x00\\xff"}
torch.save(x, path("new.pt"))
torch.save(x, path("four.pt"), pickle_protocol=4)
del x["m"]
torch.save(x, path("old.pt"), _use_new_zipfile_serialization=False)`);
    for (const name of ["new.pt", "four.pt", "old.pt"]) {
      const x = torch.load<{
        views: torch.Tensor[];
        half: torch.Tensor;
        n: Map<number, unknown>;
        p: torch.Tensor;
        big: bigint;
        s: Set<number>;
        b: Uint8Array;
      }>(file(name));
      expect(x.views.map((t) => t.stride())).toEqual([[1], [1, 4], [1]]);
      x.views[2].zero_();
      expect(x.views[0].tolist()).toEqual([0, 1, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11]);
      expect(x.half.dtype).toBe(torch.bfloat16);
      expect([...x.n]).toEqual([
        [1, [1, 2]],
        [0, [3.5]],
      ]);
      expect(x.p).toBeInstanceOf(nn.Parameter);
      expect([x.big, x.s, x.b]).toEqual([2n ** 70n, new Set([4]), new Uint8Array([0, 255])]);
    }
  });

  test("and NumPy give random nested state and arrays back as they were saved here", () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    const arrays = (seed: number) => Object.fromEntries(namedBits(new Random(seed), [torch.bfloat16]));
    for (const seed of seeds) {
      torch.save(state(new Random(seed)), file(`${seed}.pt`));
      torch.numpy.savez(file(`${seed}.npz`), arrays(seed));
    }
    python(`
import numpy
for k in range(${seeds.length}):
    torch.save(torch.load(path(f"{k}.pt")), path(f"{k}.back.pt"))
    numpy.savez(path(f"{k}.back.npz"), **numpy.load(path(f"{k}.npz")))
`);
    for (const seed of seeds) {
      expect(plain(torch.load(file(`${seed}.back.pt`))), `seed ${seed}`).toEqual(plain(state(new Random(seed))));
      expect(plain(torch.numpy.loadz(file(`${seed}.back.npz`))), `seed ${seed}`).toEqual(plain(arrays(seed)));
    }
  });

  test("goes on with a training that began here, and back, with the losses of one that never moved", () => {
    const data = torch.arange(24, { dtype: torch.float32 }).view(6, 4).div(24);
    const target = torch.tensor([[0], [1], [0], [1], [1], [0]], { dtype: torch.float32 });
    const make = () => {
      torch.manualSeed(3);
      const model = new nn.Sequential(new nn.Linear(4, 5), new nn.Tanh(), new nn.Linear(5, 1));
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.05, betas: [0.8, 0.99] });
      return { model, optimizer, schedule: new optim.lrScheduler.StepLR(optimizer, 2, 0.5) };
    };
    const step = ({ model, optimizer, schedule }: ReturnType<typeof make>): number => {
      optimizer.zeroGrad();
      const loss = nn.functional.mseLoss(model(data), target);
      loss.backward();
      optimizer.step();
      schedule.step();
      return loss.item();
    };
    const straight = make();
    const wanted = Array.from({ length: 9 }, () => step(straight));
    const first = make();
    const losses = Array.from({ length: 3 }, () => step(first));
    torch.save(
      { model: first.model.stateDict(), optimizer: first.optimizer.stateDict(), schedule: first.schedule.stateDict() },
      file("here.pt"),
    );
    losses.push(
      ...(python(`
c = torch.load(path("here.pt"))
model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 7)
model.load_state_dict(c["model"]); optimizer.load_state_dict(c["optimizer"]); schedule.load_state_dict(c["schedule"])
assert optimizer.param_groups[0]["betas"] == (0.8, 0.99)
x = torch.arange(24.).view(6, 4) / 24; y = torch.tensor([[0.], [1], [0], [1], [1], [0]]); losses = []
for _ in range(3):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y); loss.backward(); optimizer.step(); schedule.step(); losses.append(loss.item())
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}, path("there.pt"))
print(json.dumps(losses))`) as number[]),
    );
    type Checkpoint = {
      model: torch.nn.StateDict;
      optimizer: torch.optim.OptimizerState;
      schedule: { [name: string]: unknown };
    };
    const back = torch.load<Checkpoint>(file("there.pt"));
    const last = make();
    last.model.loadStateDict(back.model);
    last.optimizer.loadStateDict(back.optimizer);
    last.schedule.loadStateDict(back.schedule);
    for (let k = 0; k < 3; k++) losses.push(step(last));
    for (const [k, loss] of losses.entries()) expect(loss).toBeCloseTo(wanted[k], 6);
    expect(last.optimizer.paramGroups[0].lr).toBeCloseTo(straight.optimizer.paramGroups[0].lr, 12);
  });

  describe("whole modules", () => {
    const ones = (sizes: readonly number[]) =>
      `torch.linspace(-1, 1, ${sizes.reduce((a, b) => a * b, 1)}).view(${sizes.join(", ")})`;
    let there: { [name: string]: { text: string; sum: number; read: string } };

    beforeAll(() => {
      for (const [k, { make }] of modules.entries()) torch.save(make().eval(), file(`module-${k}.pt`));
      const rows = modules.map(
        ({ name, python: made, input }, k) => `(${JSON.stringify(name)}, lambda: ${made}, ${ones(input)}, ${k})`,
      );
      there = python(`
out = {}
first = lambda y: y[0] if isinstance(y, tuple) else y
for name, make, x, k in [${rows.join(", ")}]:
    m = make().eval()
    torch.save(m, path(f"their-{k}.pt"))
    with torch.no_grad():
        try:
            ours = torch.load(path(f"module-{k}.pt"))
            read = str(ours) if abs(float(first(ours(x)).double().sum())) < 1e9 else "?"
        except Exception as e:
            read = repr(e)
        out[name] = {"text": str(m), "sum": float(first(m(x)).double().sum()), "read": read}
print(json.dumps(out))`) as typeof there;
    });

    test.each(modules.map((row, k) => [row.name, row, k] as const))("%s", (name, { input }, k) => {
      const module = torch.load<torch.nn.Module>(file(`their-${k}.pt`));
      const count = input.reduce((a, b) => a * b, 1);
      const x = torch.linspace(-1, 1, count).view(input);
      const y: torch.Tensor | torch.Tensor[] = torch.noGrad(() => module(x));
      expect(String(module)).toBe(there[name].text);
      expect((Array.isArray(y) ? y[0] : y).double().sum().item()).toBeCloseTo(there[name].sum, 4);
      expect(there[name].read).toBe(there[name].text);
    });
  });
});
