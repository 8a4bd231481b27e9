// Copies of random graphs, results written into tensors that exist, and memory and gradients given to tensors.

import type { GraphWriter } from "./graph-writer";
import type { Statement } from "./statements";

export function copied(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  if (on === undefined) return undefined;
  const name = w.fresh("y");
  return w.random.pick<Statement>([
    { out: [name], on: "torch", call: "deepcopy", args: [w.variable(on)] },
    { out: [name], on: `${on}.detach().clone()`, call: "requiresGrad_", args: [] },
    { out: [name], on: "torch", call: "zerosLike", args: [w.variable(on)], named: { requiresGrad: true } },
  ]);
}

/** A result that goes to a tensor which is there: both sides refuse one that takes part in a graph. */
export function into(w: GraphWriter): Statement | undefined {
  const target = w.tensor((name) => {
    const group = w.group(name);
    return !group.retained && (w.random.chance(20) || w.running.tensor(name)?.requiresGrad === false);
  });
  const [on, other] = [w.tensor(), w.tensor()];
  if (target === undefined || on === undefined || other === undefined) return undefined;
  w.group(target).written = true;
  const [a, b] = [w.variable(on), w.variable(other)];
  const out = w.variable(target);
  return w.random.pick<Statement>([
    { out: [], on: "torch", call: "add", args: [a, b], named: { out } },
    { out: [], on: "torch", call: "mul", args: [a, b], named: { out } },
    { out: [], on: "torch", call: "exp", args: [a], named: { out } },
  ]);
}

/** A tensor that shows another's memory from now on. */
export function replaced(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => {
    const { views, retained } = w.group(name);
    // What backward has saved would change with the tensor, or not, as the operation saves it or a view of it.
    const used = (w.running.tensor(name)?._state?.accumulator ?? null) !== null;
    return w.leaves.includes(name) && !used && !views && !retained;
  });
  if (on === undefined) return undefined;
  const sizes = w.sizes(on).join();
  const other = w.tensor((name) => w.sizes(name).join() === sizes && w.group(name) !== w.group(on));
  if (other === undefined) return undefined;
  w.share(on, w.group(other));
  return { out: [], on, call: ".data=", args: [w.variable(other)] };
}

/** A gradient that is given. */
export function assignedGradient(w: GraphWriter): Statement | undefined {
  const on = w.leaves.length > 0 ? w.random.pick(w.leaves) : undefined;
  if (on === undefined) return undefined;
  const other = w.tensor((name) => w.sizes(name).join() === w.sizes(on).join());
  return other === undefined
    ? undefined
    : { out: [], on, call: ".grad=", args: [w.variable(`${other}.detach().clone()`)] };
}
