// What surrounds state_dicts and calls: extra state, hooks, assigned tensors, arguments by name in hooks.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;

/** A layer with a number that its state_dict holds. */
class Counting extends nn.Module {
  weight = new nn.Parameter(torch.ones(2));
  inner = new nn.Linear(1, 1);
  count = 3;

  override forward(x: torch.Tensor): torch.Tensor {
    return x.mul(this.weight);
  }
  override getExtraState(): unknown {
    return { count: this.count };
  }
  override setExtraState(state: { count: number }): void {
    this.count = state.count;
  }
}

describe("extra state", () => {
  test("is saved behind a module's tensors and loaded", () => {
    const first = new nn.Sequential(new Counting());
    (first[0] as Counting).count = 7;
    const state = first.stateDict();
    expect(Object.keys(state)).toEqual(["0.weight", "0._extra_state", "0.inner.weight", "0.inner.bias"]);
    const second = new nn.Sequential(new Counting());
    expect(String(second.loadStateDict(torch.load<typeof state>(torch.save(state))))).toBe(
      "<All keys matched successfully>",
    );
    expect((second[0] as Counting).count).toBe(7);
  });

  test("is missing and unexpected as tensors are", () => {
    const state = new Counting().stateDict();
    expect(() => new nn.Linear(1, 1).loadStateDict({ _extra_state: state.weight })).toThrow(
      'Unexpected key(s) in state_dict: "_extra_state". ',
    );
    state.pop("_extra_state");
    expect(() => new Counting().loadStateDict(state)).toThrow('Missing key(s) in state_dict: "_extra_state". ');
    expect(new Counting().loadStateDict(state, false).missingKeys).toEqual([]);
  });
});

describe("hooks of state_dicts", () => {
  test("see and change what is saved", () => {
    const model = new nn.Sequential(new nn.Linear(1, 1, { bias: false }), new nn.Linear(1, 1, { bias: false }));
    const seen: string[] = [];
    model.registerStateDictPreHook((_, prefix, keepVars) => void seen.push(`before ${prefix} ${keepVars}`));
    model[1].registerStateDictPostHook((_, state, prefix) => {
      seen.push(`after ${prefix}`);
      state.pop(`${prefix}weight`);
    });
    const handle = model.registerStateDictPostHook((_, state) => new nn.StateDict({ renamed: state["net.0.weight"] }));
    expect(Object.keys(model.stateDict({ prefix: "net." }))).toEqual(["renamed"]);
    expect(seen).toEqual(["before net. false", "after net.1."]);
    handle.remove();
    expect(Object.keys(model.stateDict())).toEqual(["0.weight"]);
  });

  test("see and change what is loaded", () => {
    const model = new nn.Linear(1, 1, { bias: false });
    model.registerLoadStateDictPreHook((_, state, prefix) => {
      state[`${prefix}weight`] = state.old;
      delete state.old;
    });
    const source = { old: torch.full([1, 1], 5) };
    model.loadStateDict(source);
    expect([model.weight.item(), Object.keys(source)]).toEqual([5, ["old"]]);

    const other = new nn.Linear(1, 1);
    other.registerLoadStateDictPostHook((_, keys) => {
      expect(keys.missingKeys).toEqual(["bias"]);
      keys.missingKeys.length = 0;
    });
    expect(String(other.loadStateDict({ weight: torch.ones(1, 1) }))).toBe("<All keys matched successfully>");
  });
});

test("loaded tensors may take the places of a module's own", () => {
  const model = new nn.BatchNorm1d(2);
  const { weight } = model;
  const source = new nn.BatchNorm1d(2).double().stateDict();
  source.weight = torch.tensor([2, 3], { dtype: torch.float64 });
  model.loadStateDict(source, { assign: true });
  expect([model.weight?.tolist(), model.weight?.dtype]).toEqual([[2, 3], torch.float64]);
  expect(model.runningMean === source.running_mean).toBe(true);
  expect(model.weight === weight).toBe(false);
  expect([model.weight?.requiresGrad, model.parameters().length]).toEqual([true, 2]);
  source.weight = torch.ones(3);
  expect(() => model.loadStateDict(source, { assign: true })).toThrow(
    "size mismatch for weight: copying a param with shape torch.Size([3]) from checkpoint, the shape in current model is torch.Size([2]).",
  );
});

describe("hooks of calls", () => {
  class Scaled extends nn.Module {
    override forward(x: torch.Tensor, { scale = 1 }: { scale?: number } = {}): torch.Tensor {
      return x.mul(scale);
    }
  }

  test("see arguments by name, and may give others", () => {
    const model = new Scaled();
    const x = torch.ones(1);
    model.registerForwardHook(
      (_, args, kwargs, output: torch.Tensor) => output.add(args.length).add(Number(kwargs.scale ?? 0)),
      { withKwargs: true },
    );
    expect(model(x, { scale: 3 }).item()).toBe(7);
    expect(model(x).item()).toBe(2);
    const handle = model.registerForwardPreHook((_, args, kwargs) => [args, { ...kwargs, scale: 10 }], {
      withKwargs: true,
    });
    expect(model(x, { scale: 3 }).item()).toBe(21);
    handle.remove();
    model.registerForwardPreHook((_, args) => args, { withKwargs: true });
    expect(() => model(x)).toThrow("forward pre-hook must return None or a tuple of (new_args, new_kwargs)");
  });

  test("go before others where that is asked for", () => {
    const model = new nn.Identity();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    model.registerForwardPreHook(note("second"));
    model.registerForwardPreHook(note("first"), { prepend: true });
    model.registerForwardHook(note("fourth"));
    model.registerForwardHook(note("third"), { prepend: true });
    model(torch.ones(1));
    expect(order).toEqual(["first", "second", "third", "fourth"]);
  });
});

test("a module of DataParallel does what the module does, under PyTorch's names", () => {
  const inner = new nn.Linear(2, 1);
  const model = new nn.DataParallel(inner);
  const x = torch.ones(1, 2);
  expect(torch.equal(model(x), inner(x))).toBe(true);
  expect(Object.keys(model.stateDict())).toEqual(["module.weight", "module.bias"]);
  expect(String(model)).toBe("DataParallel(\n  (module): Linear(in_features=2, out_features=1, bias=True)\n)");
});
