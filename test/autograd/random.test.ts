// Random graphs of a few tensors, whose gradients are computed with `createGraph`, where the engine writes into nothing, and without.

import * as torch from "cresset";
import { expect, test } from "vitest";

type Tensor = torch.Tensor;

/** Numbers of one seed, from 0 up to `n`. */
function dice(seed: number): (n: number) => number {
  let state = seed * 2654435761 + 1;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const unary: ((x: Tensor) => Tensor)[] = [
  (x) => x.sin(),
  (x) => x.mul(0.5),
  (x) => x.tanh(),
  (x) => x.neg(),
  (x) => x.add(1),
  (x) => x.t(),
  (x) => x.reshape(9).view(3, 3),
  (x) => x.narrow(0, 0, 1).expand(3, 3),
  (x) => x.select(1, 1).unsqueeze(0),
  (x) => x.sum(0, true),
  (x) => x.unfold(0, 1, 1).squeeze(-1),
  (x) => torch.cat(x.split(1)),
  (x) => x.clone(),
];
const binary: ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y),
  (x, y) => x.mul(y),
  (x, y) => torch.where(x.gt(0), x, y),
  (x, y) => x.add(y).add(x),
  (x, y) => x.lerp(y, 0.3),
  (x, y) => x.mm(y),
];
/** Writes into a result of earlier operations, or into a view of it. */
const writes: ((x: Tensor, y: Tensor) => unknown)[] = [
  (x) => x.mul_(0.5),
  (x, y) => x.add_(y),
  (x) => x.t_(),
  (x, y) => x.select(0, 1).copy_(y.select(0, 0)),
  (x, y) => x.setAt([":", 0], y.at(0)),
  (x) => x.narrow(1, 0, 2).mul_(2),
  (x) => x.at(0).zero_(),
];

/** Runs a program of one seed; gives the gradients of its leaves and of what it retained. */
function run(seed: number, createGraph: boolean): { grads: (number[] | null)[]; text: string } {
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => list[roll(list.length)];
  const leaves = Array.from({ length: 2 }, () =>
    torch.tensor(
      Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => (roll(200) - 100) / 100)),
      { dtype: torch.float64, requiresGrad: true },
    ),
  );
  const values: Tensor[] = [...leaves];
  const watched: Tensor[] = [];
  const kept: Tensor[] = [];
  const lines: string[] = [];
  for (let k = 0; k < 12; k++) {
    const [x, y] = [pick(values), pick(values)];
    const kind = roll(10);
    const say = (op: unknown) => lines.push(`${values.indexOf(x)} ${values.indexOf(y)} ${String(op)}`);
    if (kind < 4) {
      const op = pick(unary);
      say(op);
      values.push(op(x).expand(3, 3).mul(1));
    } else if (kind < 7) {
      const op = pick(binary);
      say(op);
      values.push(op(x, y));
    } else if (kind < 8) {
      const target = x.mul(1);
      const view = target.reshape(9);
      const op = pick(writes);
      say(op);
      op(target, y);
      values.push(target, view.view(3, 3));
    } else if (kind < 9) {
      say("hook");
      x.registerHook((grad) => {
        kept.push(grad);
        return k % 2 === 0 ? grad.mul(0.9) : null;
      });
    } else if (!x.isLeaf) {
      say("retainGrad");
      x.retainGrad();
      watched.push(x);
    }
  }
  const loss = values.slice(2).reduce((sum, value, k) => sum.add(value.mul(k + 1).sum()), values[1].sum().mul(0.1));
  const inputs = roll(4) === 0 ? [pick(values), leaves[0]] : undefined;
  for (let k = 0; k < 2; k++) loss.backward({ createGraph, retainGraph: true, inputs });
  const seen = kept.map((grad) => grad.tolist());
  const tensors = [...new Set([...leaves, ...watched, ...(inputs ?? [])])];
  const grads = tensors.map((x) => x.grad?.detach().tolist().flat(2) ?? null);
  // Writing into one gradient changes no other, nor what hooks keep.
  const first = grads.findIndex((values) => values !== null);
  if (first >= 0) tensors[first].grad?.detach().fill_(7);
  const others = tensors.map((x, k) => (k === first ? grads[k] : (x.grad?.detach().tolist().flat(2) ?? null)));
  expect([others, kept.map((grad) => grad.tolist())]).toEqual([grads, seen]);
  return { grads, text: lines.join("\n") };
}

test("gradients of 400 random graphs", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const plain = run(seed, false);
    const exact = run(seed, true);
    expect(plain.grads.length).toBe(exact.grads.length);
    for (const [k, values] of plain.grads.entries()) {
      const wanted = exact.grads[k];
      const near = values?.every((value, at) => {
        const right = wanted?.[at] ?? Number.NaN;
        return Math.abs(value - right) <= 1e-9 * Math.max(1, Math.abs(right));
      });
      if (near ?? wanted === null) continue;
      throw new Error(`seed ${seed}, gradient ${k}: ${values} for ${wanted}\n${plain.text}`);
    }
  }
});
