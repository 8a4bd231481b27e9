// Copies of random graphs, results written into tensors that exist, and memory and gradients given to tensors.

import { broadcastShapes } from "../../core/tensor/shape";
import type { Tensor } from "../../core/tensor/tensor";
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
  const [a, b] = [w.variable(on), w.variable(other)];
  const out = w.variable(target);
  const call = w.random.pick(["add", "mul", "exp"]);
  const operands = call === "exp" ? [on] : [on, other];
  if (overlapsItself(w.running.tensor(target) as Tensor) || growsShared(w, target, operands)) return undefined;
  w.group(target).written = true;
  return { out: [], on: "torch", call, args: call === "exp" ? [a] : [a, b], named: { out } };
}

/** Whether a tensor has more elements than the memory that it touches: the order of writing decides what stays. */
function overlapsItself({ sizes, strides }: Tensor): boolean {
  const reach = sizes.reduce((last, size, d) => last + (size - 1) * strides[d], 1);
  return sizes.reduce((n, size) => n * size, 1) > reach;
}

/** How many elements operands give together; none where they do not broadcast, which is refused and changes nothing. */
function countOf(operands: readonly Tensor[]): number {
  try {
    return broadcastShapes(operands.map((x) => x.sizes)).reduce((n, size) => n * size, 1);
  } catch {
    return 0;
  }
}

/**
 * Whether a result that takes more of its memory than its target did lies over an operand, which PyTorch reads as it is written, or makes the
 * memory grow while the tensor that the target is the `.data` of has it as well, which keeps the memory that it has here.
 */
function growsShared(w: GraphWriter, target: string, operands: readonly string[]): boolean {
  const group = w.group(target);
  const [to, ...from] = [target, ...operands].map((name) => w.running.tensor(name) as Tensor);
  const count = countOf(from);
  if (count <= to.numel()) return false;
  if (operands.some((name) => w.group(name) === group)) return true;
  const room = to.storage.bytes / to.dtype.itemsize - to.offset;
  const together = w.names.filter((name) => w.group(name) === group);
  return count > room && together.some((name) => w.running.tensor(name)?.storage !== to.storage);
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
