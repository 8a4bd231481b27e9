// What random graphs do with gradients: hooks, retained ones, backward passes, derivatives, and `.grad` itself.

import { type GraphWriter, passes } from "./graph-writer";
import type { Statement, Value } from "./statements";

export function hook(w: GraphWriter): Statement | undefined {
  const on = w.tensor(
    (name) => w.running.tensor(name)?.requiresGrad === true && !w.group(name).written && !w.group(name).views,
  );
  if (on === undefined) return undefined;
  w.hooked.add(on);
  const [hook, by] = w.random.pick<[string, number]>([
    ["mul", 2],
    ["add", 1],
    ["", 0],
    ["mul", 0.5],
  ]);
  return {
    out: [],
    on,
    call: "registerHook",
    args: [{ hook, by, keep: w.random.chance(50) ? w.fresh("k") : undefined }],
  };
}

export function retained(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => w.running.tensor(name)?.isLeaf === false && !w.group(name).views);
  if (on === undefined) return undefined;
  w.group(on).retained = true;
  return { out: [], on, call: "retainGrad", args: [] };
}

/** A scalar to go backward from. */
export function root(w: GraphWriter): string | undefined {
  return w.tensor((name) => {
    const x = w.running.tensor(name);
    return x?.requiresGrad === true && x.numel() === 1 && x.gradFn !== null;
  });
}

export function backward(w: GraphWriter): Statement | undefined {
  let on = root(w);
  if (on === undefined || w.random.chance(50)) {
    const source = w.tensor((name) => w.running.tensor(name)?.requiresGrad === true);
    if (source === undefined) return undefined;
    on = w.fresh("s");
    w.add({ out: [on], on: source, call: w.random.pick(["sum", "sum", "mean"]), args: [] });
  }
  const named: Record<string, Value> = {};
  if (w.random.chance(45)) named.retainGraph = true;
  if (w.random.chance(12)) named.createGraph = true;
  if (w.random.chance(20) && !w.wroteView && w.hooked.size === 0) {
    const inputs = w.leaves.filter(
      (name) => passes(() => w.running.tensor(name)?.requiresGrad === true) && !w.group(name).written,
    );
    if (inputs.length > 0) named.inputs = [w.variable(w.random.pick(inputs))];
  }
  return { out: [], on, call: "backward", args: [], named };
}

export function derivative(w: GraphWriter): Statement | undefined {
  if (w.wroteView) return undefined;
  const from = root(w);
  const inputs = w.names.filter(
    (name) =>
      passes(() => w.running.tensor(name)?.requiresGrad === true) &&
      !w.hooked.has(name) &&
      !w.group(name).retained &&
      !w.group(name).written &&
      !w.group(name).views,
  );
  if (from === undefined || inputs.length === 0) return undefined;
  const name = w.fresh("y");
  const named: Record<string, Value> = { allowUnused: w.random.chance(60) };
  const option = w.random.pick(["createGraph", "createGraph", "retainGraph", null]);
  if (option !== null) named[option] = true;
  return {
    out: [name],
    on: "torch.autograd",
    call: "grad",
    args: [w.variable(from), w.variable(w.random.pick(inputs))],
    named,
  };
}

export function ofGradient(w: GraphWriter): Statement | undefined {
  const on = w.leaves.length > 0 ? w.random.pick(w.leaves) : undefined;
  if (on === undefined) return undefined;
  return w.random.pick<Statement>([
    { out: [], on, call: ".grad=", args: [null] },
    { out: [], on: `${on}.grad`, call: "zero_", args: [] },
    { out: [], on: `${on}.grad`, call: "mul_", args: [2] },
    { out: [w.fresh("y")], on: `${on}.grad`, call: "mul", args: [3] },
    { out: [w.fresh("y")], on: `${on}.grad`, call: "clone", args: [] },
  ]);
}

export function flag(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  return on === undefined ? undefined : { out: [], on, call: "requiresGrad_", args: [w.random.chance(70)] };
}
