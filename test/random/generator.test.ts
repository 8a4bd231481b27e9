// The generator as an object, and what the functions that draw from it accept. The values themselves are in the goldens.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => {
  torch.manualSeed(5);
});

test("a state continues the stream, cached normal included", () => {
  torch.randn(3);
  const state = torch.getRngState();
  const first = [torch.randn(5), torch.rand(700), torch.randperm(10)];
  torch.setRngState(state);
  const again = [torch.randn(5), torch.rand(700), torch.randperm(10)];
  for (const [k, x] of first.entries()) expect(again[k].equal(x)).toBe(true);
});

test("one long draw is many short ones", () => {
  const whole = torch.rand(2000);
  torch.manualSeed(5);
  const parts = [1, 623, 1, 624, 700, 51].map((n) => torch.rand(n));
  expect(torch.cat(parts).equal(whole)).toBe(true);
});

test("forkRng puts the stream back, also after an error", () => {
  const state = torch.getRngState();
  torch.random.forkRng(() => torch.rand(10));
  expect(torch.getRngState().equal(state)).toBe(true);
  expect(() =>
    torch.random.forkRng(() => {
      torch.rand(3);
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(torch.getRngState().equal(state)).toBe(true);
});

test("generators are independent", () => {
  const g = new torch.Generator();
  expect(g.initialSeed()).toBe(67280421310721);
  const before = torch.getRngState();
  const x = torch.rand(4, { generator: g.manualSeed(3) });
  expect(torch.getRngState().equal(before)).toBe(true);
  expect(torch.rand(4, { generator: new torch.Generator().manualSeed(3) }).equal(x)).toBe(true);
});

test("seeds: negative ones wrap, others are refused", () => {
  expect(torch.manualSeed(-1).initialSeed()).toBe(18446744073709551615n);
  expect(() => torch.manualSeed(2n ** 64n)).toThrow("Overflow");
  expect(() => torch.manualSeed(1.5)).toThrow("must be int");
  expect(typeof torch.seed()).toBe("number");
});

test("states that are none are refused and change nothing", () => {
  const g = new torch.Generator();
  const state = g.getState();
  expect(() => g.setState(torch.zeros(5056))).toThrow("RNG state must be a torch.ByteTensor");
  expect(() => g.setState(torch.zeros(16, { dtype: torch.uint8 }))).toThrow("size 5056");
  expect(() => g.setState(torch.zeros(5056, { dtype: torch.uint8 }))).toThrow("Invalid mt19937 state");
  expect(g.getState().equal(state)).toBe(true);
});

describe("filling in place", () => {
  test("follows memory, not dimensions", () => {
    const rows = torch.empty(4, 6).uniform_();
    torch.manualSeed(5);
    const columns = torch.empty(4, 6).t().uniform_();
    expect(columns.t().equal(rows)).toBe(true);
    torch.manualSeed(5);
    const wide = torch.zeros(4, 12);
    wide.slice(1, 0, 6).uniform_();
    expect(wide.slice(1, 0, 6).equal(rows)).toBe(true);
    expect(wide.slice(1, 6, 12).abs().sum().item()).toBe(0);
  });

  test("counts a version and ends gradients", () => {
    const x = torch.ones(3, { requiresGrad: true });
    const y = x.mul(2);
    y.normal_();
    expect(y._version).toBe(1);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([0, 0, 0]);
    expect(() => x.uniform_()).toThrow("a leaf Variable that requires grad");
  });

  test("refuses in PyTorch's words", () => {
    const x = torch.empty(3);
    expect(() => x.uniform_(3, 2)).toThrow("uniform_ expects to return a [from, to) range, but found from=3 > to=2");
    expect(() => x.normal_(0, -1)).toThrow("normal expects std >= 0.0");
    expect(() => x.bernoulli_(1.5)).toThrow("bernoulli_ expects p to be in [0, 1], but got p=1.5");
    expect(() => x.random_(3, 3)).toThrow("random_ expects 'from' to be less than 'to', but got from=3 >= to=3");
    expect(() => torch.empty(3, { dtype: torch.uint8 }).random_(300)).toThrow(
      "to - 1 is out of bounds for unsigned char",
    );
    expect(() => torch.empty(3, { dtype: torch.int64 }).uniform_()).toThrow("not implemented for 'Long'");
    expect(() => torch.empty(3).expand([2, 3]).uniform_()).toThrow("single memory location");
    expect(() => torch.multinomial(torch.zeros(3), 1)).toThrow("sum of probabilities <= 0");
    expect(() => torch.multinomial(torch.tensor([-0.5, 2]), 1)).toThrow(torch.CressetError);
    expect(() => torch.multinomial(torch.ones(3), 4)).toThrow("without replacement");
    expect(() => torch.bernoulli(torch.tensor([2.5]))).toThrow("Expected p_in >= 0 && p_in <= 1");
  });
});

test("distributions have their moments", () => {
  const n = 20_000;
  const normal = torch.normal(3, 2, [n]);
  expect(normal.mean().item()).toBeCloseTo(3, 1);
  expect(normal.std().item()).toBeCloseTo(2, 1);
  expect(torch.empty(n).exponential_(4).mean().item()).toBeCloseTo(0.25, 2);
  expect(torch.empty(n).geometric_(0.25).mean().item()).toBeCloseTo(4, 0);
  const counts = torch.multinomial(torch.tensor([1, 3], { dtype: torch.float32 }), n, true).bincount();
  expect(counts.at(1).item() / n).toBeCloseTo(0.75, 1);
  expect(torch.randperm(1000).sort().values.equal(torch.arange(1000))).toBe(true);
});

test("poisson draws PyTorch's numbers, below and above a rate of 10", () => {
  const generator = new torch.Generator();
  generator.manualSeed(0);
  const rates = torch.tensor([0, 1, 5, 20, 1000], { dtype: torch.float32 });
  expect(torch.poisson(rates, { generator }).tolist()).toEqual([0, 2, 6, 19, 987]);
  expect(() => torch.poisson(torch.tensor([-0.5]))).toThrow("invalid Poisson rate, expected rate to be non-negative");
  expect(() => torch.poisson(torch.tensor([1]))).toThrow("\"poisson_cpu\" not implemented for 'Long'");
});
