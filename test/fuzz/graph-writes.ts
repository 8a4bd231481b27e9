// Writes in place of random graphs: to tensors, to their data, and to what an index names.

import { mayOverlap, sameElements } from "../../core/tensor/overlap";
import { isDense } from "../../core/tensor/shape";
import type { Tensor } from "../../core/tensor/tensor";
import type { GraphWriter } from "./graph-writer";
import { indices } from "./graph-views";
import type { Index, Statement, Value } from "./statements";

/** Whether elements share places, as those of windows do: what a write leaves there depends on its order. */
function isOverlapping(w: GraphWriter, name: string): boolean {
  const x = w.running.tensor(name);
  if (x === null || x.strides.includes(0)) return false;
  const places = x.sizes.reduce<number[]>(
    (offsets, size, d) => offsets.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * x.strides[d])),
    [0],
  );
  return new Set(places).size < places.length;
}

/** Whether a write reads places of its own memory that it has written before, or has not, as its order goes: PyTorch does not look into gaps. */
function readsAsWritten(w: GraphWriter, on: string, operand: string): boolean {
  const [to, from] = [on, operand].map((name) => w.running.tensor(name) as Tensor);
  const dense = [to, from].every(({ sizes, strides }) => isDense(sizes, strides));
  return !dense && mayOverlap(to, from) && !sameElements(to, from);
}

/** Operations whose backward reads several saved tensors of which one follows from another: what it gives when one of them alone has changed is nobody's rule. */
const READS_SEVERAL = new Set([
  "prod",
  "cumprod",
  "norm",
  "var",
  "logsumexp",
  "normalize",
  "layerNorm",
  "batchNorm",
  "groupNorm",
]);

/** Whether others have the memory of this tensor under a version of their own, as `.data` and what it is of. */
function isSecret(w: GraphWriter, name: string): boolean {
  const group = w.group(name);
  const storage = w.running.tensor(name)?.storage;
  return w.names.some((other) => w.group(other) === group && w.running.tensor(other)?.storage !== storage);
}

export function inPlace(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => !(w.group(name).retained && w.group(name).views) && !isOverlapping(w, name));
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  const other = w.tensor((name) => w.sizes(name).length <= sizes.length) ?? on;
  const v = w.variable(other);
  const [call, ...args] = w.random.pick<readonly [string, ...Value[]]>([
    ["add_", v],
    ["mul_", v],
    ["sub_", v],
    ["add_", v],
    ["mul_", 2],
    ["add_", 1],
    ["div_", 2],
    ["neg_"],
    ["sin_"],
    ["exp_"],
    ["zero_"],
    ["fill_", 3],
    ["sigmoid_"],
    ["relu_"],
    ["tanh_"],
    ["clamp_", -1, 1],
    ["copy_", v],
    ["copy_", v],
    ["pow_", 2],
    ["abs_"],
    ["square_"],
    ["floor_"],
    ["addcmul_", v, v],
    ["lerp_", v, 0.5],
    ["maximum"],
    ["fill_", v],
    ["cumsum_", 0],
    ["indexFill_", 0, w.variable("torch.tensor([0])"), 2],
  ]);
  if (call === "floor_" && w.isOnStep(on)) return undefined;
  if (call === "maximum" || readsAsWritten(w, on, other)) return undefined;
  const throughData = w.leaves.includes(on) && w.random.chance(20);
  if ((throughData || isSecret(w, on)) && w.statements.some((each) => READS_SEVERAL.has(each.call))) return undefined;
  const group = w.group(on);
  group.written = true;
  if (group.views) w.wroteView = true;
  const masks = w.names.filter((name) => w.running.tensor(name)?.dtype.name === "bool");
  if (masks.length > 0 && w.random.chance(10))
    return { out: [], on, call: "maskedFill_", args: [w.variable(w.random.pick(masks)), 0.5] };
  return { out: [], on: throughData ? `${on}.data` : on, call, args };
}

export function assigned(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => w.sizes(name).length > 0 && !w.group(name).retained);
  if (on === undefined) return undefined;
  const value = w.random.chance(40) ? w.random.pick([0, 1.5]) : undefined;
  // A value that lies in the written memory is read while it changes, in PyTorch too.
  const other = w.tensor((name) => w.sizes(name).length < 2 && w.group(name) !== w.group(on));
  if (value === undefined && other === undefined) return undefined;
  const masks = w.names.filter((name) => w.running.tensor(name)?.dtype.name === "bool");
  const index: Index[] =
    masks.length > 0 && w.random.chance(20) ? [w.variable(w.random.pick(masks))] : indices(w, w.sizes(on));
  const group = w.group(on);
  group.written = true;
  w.wroteView = true;
  return { out: [], on, call: "[]=", args: [value ?? w.variable(other as string)], index };
}
