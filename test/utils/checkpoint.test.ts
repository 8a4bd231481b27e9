// torch.utils.checkpoint and hooks on saved tensors: what waits for backward is replaced, or computed again.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;
const { checkpoint, checkpointSequential } = torch.utils.checkpoint;

function gradients(useReentrant: boolean | null): number[][] {
  torch.manualSeed(2);
  const layer = new nn.Linear(4, 4);
  const x = torch.randn(5, 4, { requiresGrad: true });
  const part = (t: torch.Tensor) => torch.dropout(layer(t).relu(), 0.5, true);
  const y = useReentrant === null ? part(x) : checkpoint(part, x, { useReentrant });
  y.pow(2).sum().backward();
  return [x.grad as torch.Tensor, layer.weight.grad as torch.Tensor].map((g) => g.flatten().tolist<number[]>());
}

describe("checkpoint", () => {
  test.each([true, false])("gives the same gradients, random numbers included (reentrant: %s)", (useReentrant) => {
    expect(gradients(useReentrant)).toEqual(gradients(null));
  });

  test.each([true, false])("runs the function again in backward (reentrant: %s)", (useReentrant) => {
    let runs = 0;
    const x = torch.ones(2, { requiresGrad: true });
    const part = (t: torch.Tensor, factor: number) => {
      runs++;
      return t.exp().mul(factor);
    };
    const y = checkpoint(part, x, 3, { useReentrant });
    expect(runs).toBe(1);
    y.sum().backward();
    expect(runs).toBe(2);
    expect(x.grad?.at(0).item()).toBeCloseTo(3 * Math.E, 5);
  });

  test("without reentrance serves grad, and closures alone", () => {
    const w = torch.tensor(2, { dtype: torch.float32, requiresGrad: true });
    const y = checkpoint((x: torch.Tensor) => x.mul(w).exp(), torch.tensor(0.5), { useReentrant: false });
    expect(torch.autograd.grad(y, w)[0].item()).toBeCloseTo(0.5 * Math.E, 5);
  });

  test("with reentrance refuses grad", () => {
    const x = torch.ones(2, { requiresGrad: true });
    const y = checkpoint((t: torch.Tensor) => t.exp(), x).sum();
    expect(() => torch.autograd.grad(y, x)).toThrow("Checkpointing is not compatible with .grad()");
  });

  test("of a sequence runs all but the last segment twice", () => {
    let runs = 0;
    const step = (x: torch.Tensor) => {
      runs++;
      return x.mul(2);
    };
    const x = torch.ones(2, { requiresGrad: true });
    checkpointSequential([step, step, step, step, step], 2, x).sum().backward();
    expect([runs, x.grad?.tolist()]).toEqual([7, [32, 32]]);
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 1));
    expect(checkpointSequential(model, 2, x).tolist()).toEqual(model(x).tolist());
  });
});

describe("hooks on saved tensors", () => {
  const { savedTensorsHooks, saveOnCpu } = torch.autograd.graph;

  /** What a body gives in a mode. */
  function within<T>(mode: { [Symbol.dispose](): void }, body: () => T): T {
    const end = mode[Symbol.dispose];
    try {
      return body();
    } finally {
      end();
    }
  }

  test("see what operations save, and give it back to backward", () => {
    const a = torch.ones(3, { dtype: torch.float64, requiresGrad: true });
    const packed: string[] = [];
    const pack = (x: torch.Tensor) => {
      packed.push(x.toString());
      return x.mul(2);
    };
    const y = within(
      savedTensorsHooks(pack, (x: torch.Tensor) => x.div(2)),
      () => a.mul(3).exp().mul(a).sum(),
    );
    expect(packed.length).toBe(3);
    const [first] = torch.autograd.grad(y, a, { createGraph: true });
    // d/da a·exp(3a) = exp(3a)(1 + 3a), and again exp(3a)(6 + 9a).
    expect(first.at(0).item()).toBeCloseTo(4 * Math.exp(3), 10);
    const [second] = torch.autograd.grad(first.sum(), a);
    expect(second.at(0).item()).toBeCloseTo(15 * Math.exp(3), 9);
  });

  test("are gone after their block, and refuse writes in place", () => {
    const a = torch.ones(3, { requiresGrad: true });
    let calls = 0;
    const mode = savedTensorsHooks(
      (x: torch.Tensor) => {
        calls++;
        return x.zero_();
      },
      (x: torch.Tensor) => x,
    );
    expect(() => within(mode, () => a.mul(2).exp())).toThrow(
      "A saved tensor pack hook is modifying its input in place.",
    );
    expect(calls).toBe(1);
    a.exp().sum().backward();
    expect(calls).toBe(1);
  });

  test("that copy make the originals free to be written", () => {
    const a = torch.ones(3, { requiresGrad: true });
    const y = within(saveOnCpu(), () => a.mul(1).exp());
    y.detach().zero_();
    y.sum().backward();
    expect(a.grad?.at(0).item()).toBeCloseTo(Math.E, 5);
  });
});
