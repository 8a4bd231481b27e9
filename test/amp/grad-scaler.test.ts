// Scaled losses: the same steps as without, steps left out where gradients overflow, and the scale that follows from both.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn, optim } = torch;

/** A parameter, its optimizer, and a scaler whose scale moves quickly. */
function setUp(options: Partial<torch.amp.GradScalerOptions> = {}) {
  const weight = new nn.Parameter(torch.ones(2));
  const optimizer = new optim.SGD([weight], { lr: 0.5 });
  const scaler = new torch.amp.GradScaler({ initScale: 8, growthInterval: 2, ...options });
  const step = (factor: number): void => {
    optimizer.zeroGrad();
    scaler.scale(weight.mul(factor).sum()).backward();
    scaler.step(optimizer);
    scaler.update();
  };
  return { weight, optimizer, scaler, step };
}

describe("a step", () => {
  test("is that of unscaled gradients; the scale grows", () => {
    const { weight, scaler, step } = setUp();
    step(1);
    expect([weight.tolist(), scaler.getScale()]).toEqual([[0.5, 0.5], 8]);
    step(1);
    expect([weight.tolist(), scaler.getScale()]).toEqual([[0, 0], 16]);
  });

  test("is left out where a gradient is infinite or NaN; the scale backs off", () => {
    const { weight, scaler, step } = setUp();
    step(Number.POSITIVE_INFINITY);
    step(Number.NaN);
    expect([weight.tolist(), scaler.getScale()]).toEqual([[1, 1], 2]);
    step(1);
    expect(weight.tolist()).toEqual([0.5, 0.5]);
  });

  test("takes gradients that were unscaled and clipped before", () => {
    const { weight, optimizer, scaler } = setUp();
    scaler.scale(weight.mul(30).sum()).backward();
    scaler.unscale_(optimizer);
    expect(weight.grad?.tolist()).toEqual([30, 30]);
    nn.utils.clipGradNorm_([weight], 1);
    scaler.step(optimizer);
    scaler.update();
    expect(weight.at(0).item()).toBeCloseTo(1 - 0.5 * Math.SQRT1_2, 5);
  });

  test("of several optimizers is left out for the one that overflows", () => {
    const { weight, optimizer, scaler } = setUp();
    const other = new nn.Parameter(torch.ones(1));
    const second = new optim.SGD([other], { lr: 1 });
    const losses = scaler.scale([weight.sum(), other.mul(Number.POSITIVE_INFINITY).sum()]);
    for (const loss of losses) loss.backward();
    scaler.step(optimizer);
    scaler.step(second);
    scaler.update();
    expect([weight.tolist(), other.tolist(), scaler.getScale()]).toEqual([[0.5, 0.5], [1], 4]);
  });

  test("of a disabled scaler is the optimizer's own", () => {
    const { weight, scaler, step } = setUp({ enabled: false });
    step(1);
    expect([weight.tolist(), scaler.getScale(), scaler.isEnabled(), scaler.stateDict()]).toEqual([
      [0.5, 0.5],
      1,
      false,
      {},
    ]);
  });
});

test("the state goes on where it was saved", () => {
  const { scaler, step } = setUp();
  step(1);
  const saved = scaler.stateDict();
  expect(saved).toEqual({ scale: 8, growth_factor: 2, backoff_factor: 0.5, growth_interval: 2, _growth_tracker: 1 });
  const next = setUp({ growthInterval: 9 });
  next.scaler.loadStateDict(saved);
  next.step(1);
  expect(next.scaler.getScale()).toBe(16);
  expect(() => next.scaler.loadStateDict({})).toThrow("The source state dict is empty");
});

test("calls in the wrong order are told", () => {
  const { weight, optimizer, scaler } = setUp();
  expect(() => scaler.step(optimizer)).toThrow("Attempted step but _scale is None.");
  scaler.scale(weight.sum()).backward();
  expect(() => scaler.update()).toThrow("No inf checks were recorded prior to update.");
  scaler.unscale_(optimizer);
  expect(() => scaler.unscale_(optimizer)).toThrow("unscale_() has already been called on this optimizer");
  scaler.step(optimizer);
  expect(() => scaler.step(optimizer)).toThrow("step() has already been called since the last update().");
  expect(() => scaler.unscale_(optimizer)).toThrow("unscale_() is being called after step().");
  scaler.update(32);
  expect(scaler.getScale()).toBe(32);
  const half = new nn.Parameter(torch.ones(1).half());
  scaler.scale(half.sum()).backward();
  expect(() => scaler.unscale_(new optim.SGD([half], { lr: 1 }))).toThrow("Attempting to unscale FP16 gradients.");
  expect(() => setUp({ growthFactor: 1 })).toThrow("The growth factor must be > 1.0.");
});

test("training in float16 with a scaler follows that in float32", () => {
  const losses = (dtype: torch.DType): number[] => {
    torch.manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 1));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    const scaler = new torch.amp.GradScaler({ initScale: 1024 });
    const [x, y] = [torch.rand(32, 8), torch.rand(32, 1)];
    return Array.from({ length: 30 }, () => {
      optimizer.zeroGrad();
      const loss = torch.autocast("cpu", { dtype, enabled: dtype !== torch.float32 }, () =>
        nn.functional.mseLoss(model.forward(x), y),
      );
      scaler.scale(loss).backward();
      scaler.step(optimizer);
      scaler.update();
      return loss.item() as number;
    });
  };
  const [exact, half] = [losses(torch.float32), losses(torch.float16)];
  expect(exact[29]).toBeLessThan(exact[0] / 2);
  half.forEach((loss, k) => {
    expect(Math.abs(loss - exact[k])).toBeLessThan(0.01 * exact[0]);
  });
});
