// Optimizers and schedules: groups, saving and going on, text, and that each of them gets down a slope. Values: the goldens.

import { inspect } from "node:util";
import * as torch from "cresset";
import { beforeEach, describe, expect, test, vi } from "vitest";

const { nn, optim } = torch;
const { lrScheduler } = optim;

type Make = (params: torch.Tensor[]) => torch.optim.Optimizer<{ lr: number }>;

const optimizers: [string, Make][] = [
  ["SGD", (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.5, nesterov: true })],
  ["Adam", (params) => new optim.Adam(params, { lr: 0.1, amsgrad: true })],
  ["AdamW", (params) => new optim.AdamW(params, { lr: 0.1 })],
  ["RMSprop", (params) => new optim.RMSprop(params, { lr: 0.1, momentum: 0.1, centered: true })],
  ["Adagrad", (params) => new optim.Adagrad(params, { lr: 0.5 })],
  ["Adadelta", (params) => new optim.Adadelta(params, { lr: 50 })],
  ["Adamax", (params) => new optim.Adamax(params, { lr: 0.1 })],
  ["NAdam", (params) => new optim.NAdam(params, { lr: 0.1 })],
  ["RAdam", (params) => new optim.RAdam(params, { lr: 0.3 })],
  ["ASGD", (params) => new optim.ASGD(params, { lr: 0.1 })],
  ["Rprop", (params) => new optim.Rprop(params, { lr: 0.1 })],
];

/** A bowl with its bottom at 3. */
const bowl = (x: torch.Tensor) => x.sub(3).square().sum();

function descend(opt: torch.optim.Optimizer<{ lr: number }>, x: torch.Tensor, steps: number): void {
  for (let k = 0; k < steps; k++) {
    opt.zeroGrad();
    bowl(x).backward();
    opt.step();
  }
}

beforeEach(() => {
  torch.manualSeed(1);
});

describe.each(optimizers)("%s", (_, make) => {
  test("gets down a slope", () => {
    const x = torch.zeros(4, { requiresGrad: true });
    descend(make([x]), x, 150);
    expect(bowl(x).item()).toBeLessThan(0.5);
  });

  test("goes on from its state_dict as if it had not stopped", () => {
    const x = torch.rand(3, { requiresGrad: true });
    const opt = make([x]);
    descend(opt, x, 4);
    const copy = x.detach().clone().requiresGrad_();
    const resumed = make([copy]);
    resumed.loadStateDict(torch.deepcopy(opt.stateDict()));
    descend(opt, x, 4);
    descend(resumed, copy, 4);
    expect(copy.tolist()).toEqual(x.tolist());
  });

  test("writes in place, seen by whoever checks versions", () => {
    const x = torch.rand(3, { requiresGrad: true });
    const opt = make([x]);
    const y = x.mul(x);
    x.grad = torch.ones(3);
    opt.step();
    expect(() => y.sum().backward()).toThrow("modified by an inplace operation");
  });
});

describe("groups", () => {
  test("have options of their own and can be added", () => {
    const [a, b] = [torch.ones(1, { requiresGrad: true }), torch.ones(1, { requiresGrad: true })];
    const opt = new optim.SGD([{ params: [a] }], { lr: 1 });
    opt.addParamGroup({ params: b, lr: 0.25 });
    a.grad = torch.ones(1);
    b.grad = torch.ones(1);
    opt.step();
    expect([a.item(), b.item()]).toEqual([0, 0.75]);
    expect(() => opt.addParamGroup({ params: a })).toThrow("some parameters appear in more than one parameter group");
    expect(inspect(opt)).toContain("Parameter Group 1\n    dampening: 0");
  });

  test("are checked", () => {
    const x = torch.ones(1, { requiresGrad: true });
    expect(() => new optim.Adam([])).toThrow("optimizer got an empty parameter list");
    expect(() => new optim.Adam([x.mul(2)])).toThrow("can't optimize a non-leaf Tensor");
    expect(() => new optim.RMSprop([x], { lr: -1 })).toThrow("Invalid learning rate: -1");
    expect(() => new optim.SGD([x], { lr: 0.1, nesterov: true })).toThrow("Nesterov momentum requires a momentum");
  });
});

describe("options", () => {
  const params = () => [torch.ones(1, { requiresGrad: true })];
  const options = (opt: torch.optim.Optimizer<{ lr: number }>) => {
    const { params: _, ...group } = opt.paramGroups[0];
    return group;
  };

  test("come in PyTorch's order or by name", () => {
    expect(options(new optim.Adam(params(), 0.5))).toMatchObject({ lr: 0.5, betas: [0.9, 0.999] });
    expect(options(new optim.AdamW(params(), 1e-3, [0.8, 0.9]))).toMatchObject({ lr: 1e-3, betas: [0.8, 0.9] });
    expect(options(new optim.AdamW(params(), 1e-3, { weightDecay: 0 }))).toMatchObject({ lr: 1e-3, weightDecay: 0 });
    expect(options(new optim.SGD(params(), 0.1, 0.9))).toMatchObject({ lr: 0.1, momentum: 0.9 });
    expect(options(new optim.SGD(params(), 0.1, 0.9, 0, 1e-4, true))).toMatchObject({
      weightDecay: 1e-4,
      nesterov: true,
    });
    expect(options(new optim.RMSprop(params(), 0.1, 0.9, 1e-6, 0, 0.5, true))).toMatchObject({
      alpha: 0.9,
      eps: 1e-6,
      momentum: 0.5,
      centered: true,
    });
    expect(options(new optim.Adagrad(params(), 0.1, 0.2, 0.3, 0.4))).toMatchObject({
      lrDecay: 0.2,
      weightDecay: 0.3,
      initialAccumulatorValue: 0.4,
    });
    expect(options(new optim.Adadelta(params(), 1, 0.5))).toMatchObject({ lr: 1, rho: 0.5 });
    expect(options(new optim.NAdam(params(), 1, [0.1, 0.2], 1e-3, 0, 0.5))).toMatchObject({ momentumDecay: 0.5 });
    expect(options(new optim.Rprop(params(), 1, [0.4, 1.5]))).toMatchObject({ etas: [0.4, 1.5] });
    expect(options(new optim.ASGD(params(), 1, 2, 3))).toMatchObject({ lambd: 2, alpha: 3 });
    expect(options(new optim.LBFGS(params(), 1, 4))).toMatchObject({ maxIter: 4, maxEval: 5 });
  });

  test("that are not known are refused, and so are too many", () => {
    const make: [string, (given: object) => unknown][] = [
      ["Adam", (given) => new optim.Adam(params(), given)],
      ["AdamW", (given) => new optim.AdamW(params(), given)],
      ["SGD", (given) => new optim.SGD(params(), { lr: 1, ...given })],
      ["RMSprop", (given) => new optim.RMSprop(params(), given)],
      ["LBFGS", (given) => new optim.LBFGS(params(), given)],
    ];
    for (const [name, f] of make) {
      expect(() => f({ learningRate: 1 })).toThrow(
        `${name}.__init__() got an unexpected keyword argument 'learning_rate'`,
      );
    }
    // @ts-expect-error `maximize` is given by name
    expect(() => new optim.Adam(params(), 1e-3, [0.9, 0.999], 1e-8, 0, false, true)).toThrow("positional arguments");
    // @ts-expect-error the parameters are missing
    expect(() => new optim.AdamW({ rate: 1 })).toThrow("AdamW.__init__() got an unexpected keyword argument 'rate'");
    // @ts-expect-error there is no such option
    expect(() => new optim.AdamW(params(), { learningRate: 1 })).toThrow("learning_rate");
    // @ts-expect-error a group has no such option
    expect(() => new optim.SGD([{ params: params(), weight_decay: 1 }], { lr: 1 })).toThrow(
      "a parameter group has no option 'weight_decay'; it is called 'weightDecay' here",
    );
  });

  test("that are required may come with every group", () => {
    const groups = [
      { params: params(), lr: 0.5 },
      { params: params(), lr: 0.25, name: "head" },
    ];
    expect(new optim.SGD(groups).paramGroups.map((group) => group.lr)).toEqual([0.5, 0.25]);
    const missing = "parameter group didn't specify a value of required optimization parameter lr";
    // @ts-expect-error there is no rate
    expect(() => new optim.SGD([{ params: params() }])).toThrow(missing);
    // @ts-expect-error there is no rate
    expect(() => new optim.SGD(params())).toThrow(missing);
  });

  test("of one optimizer are not another's", () => {
    const first = new optim.Adam(params());
    first.paramGroups[0].betas[0] = 0.5;
    expect(new optim.Adam(params()).paramGroups[0].betas).toEqual([0.9, 0.999]);
    expect(first.defaults.betas).toEqual([0.9, 0.999]);
  });

  test("of a checkpoint are copied", () => {
    const x = torch.ones(2, { requiresGrad: true });
    const opt = new optim.SGD([x], 1, 0.5);
    descend(opt, x, 1);
    const resumed = new optim.SGD([x.detach().clone().requiresGrad_()], 1, 0.5);
    resumed.loadStateDict(opt.stateDict());
    const [kept] = resumed.state.values();
    (kept.momentum_buffer as torch.Tensor).zero_();
    expect((opt.stateDict().state[0].momentum_buffer as torch.Tensor).tolist()).toEqual([-4, -4]);
  });
});

test("a closure is run with gradients and its loss returned", () => {
  const x = torch.zeros(2, { requiresGrad: true });
  const opt = new optim.SGD([x], { lr: 0.5 });
  const loss = torch.noGrad(() =>
    opt.step(() => {
      const value = bowl(x);
      value.backward();
      return value;
    }),
  );
  expect(loss.item()).toBe(18);
  expect(x.tolist()).toEqual([3, 3]);
});

describe("schedules", () => {
  const start = () => new optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1, momentum: 0.9 });

  test("go on from lastEpoch with an optimizer whose state was loaded", () => {
    const first = start();
    const schedule = new lrScheduler.StepLR(first, 1);
    for (let k = 0; k < 3; k++) {
      first.step();
      schedule.step();
    }
    const resumed = start();
    expect(() => new lrScheduler.StepLR(resumed, 1, { lastEpoch: 3 })).toThrow(
      "param 'initial_lr' is not specified in param_groups[0] when resuming an optimizer",
    );
    resumed.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    const again = new lrScheduler.StepLR(resumed, 1, { lastEpoch: 3 });
    expect([again.baseLrs, again.lastEpoch]).toEqual([[1], 4]);
    expect(again.getLastLr()[0]).toBeCloseTo(1e-4, 12);
    const given = new optim.SGD([{ params: [torch.ones(1, { requiresGrad: true })], initialLr: 1 }], { lr: 0.5 });
    expect(new lrScheduler.LambdaLR(given, () => 0.25, 7).getLastLr()).toEqual([0.25]);
  });

  test("tell once that they were called before the optimizer", () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const opt = start();
    const schedule = new lrScheduler.StepLR(opt, 1);
    schedule.step();
    expect(warned.mock.calls.flat().join()).toMatch(/`lrScheduler.step\(\)` before `optimizer.step\(\)`/);
    warned.mockRestore();
  });

  test("of one's own define getLr", () => {
    class Halving extends lrScheduler.LRScheduler {
      constructor(optimizer: torch.optim.Optimizer) {
        super(optimizer);
        this.start();
      }
      getLr(): number[] {
        return this.baseLrs.map((base) => base / 2 ** this.lastEpoch);
      }
    }
    const opt = start();
    const schedule = new Halving(opt);
    opt.step();
    schedule.step();
    expect(opt.paramGroups[0].lr).toBe(0.5);
  });

  test("go on from their state_dict", () => {
    const first = start();
    const schedule = new lrScheduler.CosineAnnealingWarmRestarts(first, 3, { TMult: 2 });
    for (let k = 0; k < 5; k++) schedule.step();
    const second = start();
    const resumed = new lrScheduler.CosineAnnealingWarmRestarts(second, 3, { TMult: 2 });
    resumed.loadStateDict(schedule.stateDict());
    second.paramGroups[0].lr = first.paramGroups[0].lr;
    schedule.step();
    resumed.step();
    expect(resumed.getLastLr()).toEqual(schedule.getLastLr());
    expect(Object.keys(schedule.stateDict())).toContain("last_epoch");
  });

  test("can follow one another and work together", () => {
    const opt = start();
    const warm = new lrScheduler.LinearLR(opt, { startFactor: 0.5, totalIters: 2 });
    const fall = new lrScheduler.StepLR(opt, 2, { gamma: 0.1 });
    const both = new lrScheduler.SequentialLR(opt, [warm, fall], [2]);
    const seen = [opt.paramGroups[0].lr];
    for (let k = 0; k < 4; k++) {
      both.step();
      seen.push(opt.paramGroups[0].lr);
    }
    expect(seen).toEqual([0.5, 0.75, 1, 1, 0.1]);
    expect(() => new lrScheduler.SequentialLR(opt, [warm], [2])).toThrow(
      "one more than the number of milestone points",
    );
  });

  test("print the rates that they set where that is asked for", () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      const opt = start();
      new lrScheduler.StepLR(opt, 1, 0.05, -1, true).step();
      new lrScheduler.CosineAnnealingWarmRestarts(start(), 3, { verbose: true }).step(1.5);
      const plateau = new lrScheduler.ReduceLROnPlateau(opt, { patience: 0, verbose: true });
      for (const metric of [1, 0.5, 2]) plateau.step(metric);
      new lrScheduler.ExponentialLR(start(), 0.5).step();
      expect(print.mock.calls.flat()).toEqual([
        "Adjusting learning rate of group 0 to 1.0000e+00.",
        "Adjusting learning rate of group 0 to 5.0000e-02.",
        "Epoch 00000: adjusting learning rate of group 0 to 1.0000e+00.",
        "Epoch 1.50: adjusting learning rate of group 0 to 5.0000e-01.",
        "Epoch 00003: reducing learning rate of group 0 to 5.0000e-03.",
      ]);
    } finally {
      print.mockRestore();
    }
  });

  test("take everything by name", () => {
    const opt = start();
    const cyclic = new lrScheduler.CyclicLR(opt, { baseLr: 0.1, maxLr: 0.3, stepSizeUp: 2 });
    cyclic.step();
    expect(cyclic.getLastLr()[0]).toBeCloseTo(0.2);
    const schedulers = [new lrScheduler.ConstantLR(opt), new lrScheduler.StepLR(opt, { stepSize: 1 })];
    expect(new lrScheduler.SequentialLR(opt, { schedulers, milestones: [2] }).milestones).toEqual([2]);
    // @ts-expect-error maxLr is missing
    expect(() => new lrScheduler.CyclicLR(opt, { baseLr: 0.1 })).toThrow(
      "missing 1 required positional argument: 'max_lr'",
    );
  });

  test("one watches a metric", () => {
    const opt = start();
    const plateau = new lrScheduler.ReduceLROnPlateau(opt, { patience: 1, factor: 0.5 });
    for (const metric of [1, 1, 1]) plateau.step(metric);
    expect(plateau.getLastLr()).toEqual([0.5]);
  });
});

test("gradients are clipped together by norm, and each by value", () => {
  const a = torch.zeros(2, { requiresGrad: true });
  const b = torch.zeros(1, { requiresGrad: true });
  a.grad = torch.tensor([3, 0], { dtype: torch.float32 });
  b.grad = torch.tensor([4], { dtype: torch.float32 });
  expect(nn.utils.clipGradNorm_([a, b], 1).item()).toBe(5);
  expect(a.grad.norm().item() ** 2 + b.grad.norm().item() ** 2).toBeCloseTo(1, 5);
  nn.utils.clipGradValue_(b, 0.1);
  expect(b.grad.item()).toBeCloseTo(0.1, 6);
  expect(nn.utils.clipGradNorm_([b], { maxNorm: 0.05, normType: 1 }).item()).toBeCloseTo(0.1, 6);
  nn.utils.clipGradValue_(b, { clipValue: 0.01 });
  expect(b.grad.item()).toBeCloseTo(0.01, 6);
  // @ts-expect-error the norm has no default
  expect(() => nn.utils.clipGradNorm_(b, {})).toThrow(
    "clip_grad_norm_() missing 1 required positional argument: 'max_norm'",
  );
});

test("averaged weights are the mean of what was taken in", () => {
  const model = new nn.Linear(1, 1, { bias: false });
  const average = new optim.swaUtils.AveragedModel(model);
  for (const value of [1, 2, 6]) {
    torch.noGrad(() => model.weight.fill_(value));
    average.updateParameters(model);
  }
  expect(average(torch.ones(1, 1)).item()).toBe(3);
  expect(Object.keys(average.stateDict())).toEqual(["n_averaged", "module.weight"]);
});

describe("numbers that an optimizer keeps", () => {
  const trained = (
    Optimizer: new (params: torch.Tensor[], options: { lr: number }) => torch.optim.Optimizer<{ lr: number }>,
    lr: number,
  ) => {
    torch.setDefaultDtype(torch.float64);
    try {
      const p = torch.tensor([1.5], { requiresGrad: true });
      const optimizer = new Optimizer([p], { lr });
      for (let k = 0; k < 3; k++) {
        optimizer.zeroGrad();
        p.mul(p).sum().backward();
        optimizer.step();
      }
      return p.item();
    } finally {
      torch.setDefaultDtype(torch.float32);
    }
  };

  test("have the default dtype, and its precision", () => {
    expect(trained(optim.ASGD, 0.05)).toBeCloseTo(1.093483142019818, 14);
    expect(trained(optim.NAdam, 0.01)).toBeCloseTo(1.4744843907836294, 14);
  });
});

test("the norm of gradients is told, and scaled by, apart", () => {
  const a = torch.zeros(2, { requiresGrad: true });
  a.grad = torch.tensor([3, 4], { dtype: torch.float32 });
  const total = nn.utils.getTotalNorm([a.grad]);
  expect([total.item(), nn.utils.getTotalNorm(a.grad, { normType: "inf" }).item()]).toEqual([5, 4]);
  nn.utils.clipGradsWithNorm_(a, 1, total);
  expect(a.grad.norm().item()).toBeCloseTo(1, 5);
  a.grad.fill_(Number.NaN);
  expect(() => nn.utils.clipGradNorm_(a, 1, { errorIfNonfinite: true })).toThrow(
    "The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be clipped.",
  );
});

describe("averages that forget", () => {
  const set = (model: torch.nn.Linear, value: number) => torch.noGrad(() => model.weight.fill_(value));

  test("in an AveragedModel have PyTorch's numbers", () => {
    const model = new nn.Linear(1, 1, { bias: false });
    const average = new optim.swaUtils.AveragedModel(model, { avgFn: optim.swaUtils.getEmaAvgFn(0.75) });
    for (const value of [1, 2, 6]) {
      set(model, value);
      average.updateParameters(model);
    }
    expect(average(torch.ones(1, 1)).item()).toBe(2.4375);
    expect(() => optim.swaUtils.getEmaAvgFn(1.5)).toThrow(
      "Invalid decay value 1.5 provided. Please provide a value in [0,1] range.",
    );
  });

  test("warm up, take buffers along, and go on from a checkpoint", () => {
    const model = new nn.Sequential(new nn.Linear(1, 1, { bias: false }), new nn.BatchNorm1d(1));
    const linear = model[0] as torch.nn.Linear;
    set(linear, 1);
    const ema = new optim.swaUtils.ModelEMA(model, 0.9, 2);
    set(linear, 3);
    model(torch.randn(4, 1));
    ema.update(model);
    // 0.9 · (1 - exp(-1 / 2)) of the first value, the rest of the second.
    const share = 0.9 * (1 - Math.exp(-0.5));
    expect(ema.module.getParameter("0.weight").item()).toBeCloseTo(share + 3 * (1 - share), 6);
    expect(ema.module.getBuffer("1.num_batches_tracked").item()).toBe(1);
    expect([ema.module.training, ema.module.getParameter("0.weight").requiresGrad]).toEqual([false, false]);

    const resumed = new optim.swaUtils.ModelEMA(model);
    resumed.loadStateDict(torch.load<ReturnType<typeof ema.stateDict>>(torch.save(ema.stateDict())));
    expect([resumed.updates, resumed.decay, resumed.tau]).toEqual([1, 0.9, 2]);
    for (const each of [ema, resumed]) each.update(model);
    expect(resumed.module.getParameter("0.weight").item()).toBe(ema.module.getParameter("0.weight").item());
  });
});

test("hooks see every step, and may give another closure", () => {
  const p = torch.ones(1, { requiresGrad: true });
  for (const opt of [new optim.SGD([p], { lr: 0.1 }), new optim.LBFGS([p], { maxIter: 1 })]) {
    const seen: string[] = [];
    const before = opt.registerStepPreHook((optimizer, args) => {
      seen.push(`before ${optimizer === opt} ${args.length}`);
      return [() => p.mul(2).sum()];
    });
    opt.registerStepPostHook((_, args) => {
      seen.push(`after ${args.length}`);
    });
    expect(opt.step(() => p.sum()).item()).toBe(2 * p.item());
    before.remove();
    opt.step(() => p.sum());
    expect(seen).toEqual(["before true 1", "after 1", "after 1"]);
  }
});

test("one seed seeds everything", () => {
  expect(torch.seedEverything(7)).toBe(7);
  const first = torch.rand(1).item();
  torch.manualSeed(7);
  expect(torch.rand(1).item()).toBe(first);
  expect(() => torch.seedEverything(-1)).toThrow("-1 is not in bounds");
});
