// Products and layers of random graphs: contractions, convolutions, pooling, normalisation, embeddings.

import type { GraphWriter } from "./graph-writer";
import type { Statement } from "./statements";

/** Products by their indices: in PyTorch a view, of a product that nobody has. */
function einsum(w: GraphWriter, equation: string, ...operands: readonly string[]): Statement | undefined {
  const statement = w.method("einsum", "torch", [equation, ...operands.map((name) => w.variable(name))]);
  if (statement !== undefined) w.group(statement.out[0]).views = true;
  return statement;
}

/** Sums of products of two tensors. */
export function contracted(w: GraphWriter): Statement | undefined {
  const on = w.ofRank((rank) => rank === 1 || rank === 2);
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  const v = w.variable;
  const dtype = w.running.tensor(on)?.dtype;
  const alike =
    w.tensor((name) => w.sizes(name).join() === sizes.join() && w.running.tensor(name)?.dtype === dtype) ?? on;
  if (sizes.length === 1) {
    const other = w.ofRank((rank) => rank === 1) ?? on;
    return w.random.pick<() => Statement | undefined>([
      () => w.method("outer", "torch", [v(on), v(other)]),
      () => w.method("dot", "torch", [v(on), v(alike)]),
      () => einsum(w, "i,j->ij", on, other),
      () => einsum(w, "i,i->i", on, alike),
    ])();
  }
  const after = w.tensor((name) => w.sizes(name).length === 2 && w.sizes(name)[0] === sizes[1]);
  return w.random.pick<() => Statement | undefined>([
    () => einsum(w, "ij,ij->j", on, alike),
    () => einsum(w, "ij,kj->ik", on, alike),
    () => einsum(w, "ij->ji", on),
    () => (after === undefined ? undefined : w.method("addmm", "torch", [v(on), v(on), v(after)], { beta: 0.5 })),
    () => (after === undefined ? undefined : w.method("mm", "torch", [v(on), v(after)])),
    () => (sizes[0] > sizes[1] ? undefined : w.method("trace", "torch", [v(on)])),
    () => w.method("diag", "torch", [v(on)]),
  ])();
}

/** Functions of layers. */
export function layered(w: GraphWriter): Statement | undefined {
  const v = w.variable;
  const table = w.tensor((name) => w.sizes(name).length === 2 && w.sizes(name)[0] > 0);
  if (table !== undefined && w.random.chance(25))
    return w.method("embedding", "F", [w.positions([2, 2], w.sizes(table)[0]), v(table)]);
  const on = w.tensor((name) => w.sizes(name).length === 3 && !w.sizes(name).includes(0));
  if (on === undefined) return undefined;
  const [, channels, length] = w.sizes(on);
  const kernel = w.tensor((name) => {
    const sizes = w.sizes(name);
    return sizes.length === 3 && sizes[1] === channels && sizes[2] > 0 && sizes[2] <= length && sizes[0] > 0;
  });
  return w.random.pick<() => Statement | undefined>([
    () => (kernel === undefined ? undefined : w.method("conv1d", "F", [v(on), v(kernel)])),
    () => (kernel === undefined ? undefined : w.method("conv1d", "F", [v(on), v(kernel)], { padding: 1 })),
    () => w.method("avgPool2d", "F", [v(on), [1, length]]),
    () => w.method("adaptiveAvgPool2d", "F", [v(on), w.random.pick([1, 2])]),
    () => w.method("bmm", "torch", [v(on), v(`${on}.transpose(1, 2)`)]),
    () => w.method("batchNorm", "F", [v(on), null, null], { training: true, eps: 0.1 }),
    () => w.method("groupNorm", "F", [v(on), 1], { eps: 0.1 }),
    () => w.method("crossEntropy", "F", [v(`${on}.flatten(1)`), w.positions([w.sizes(on)[0]], channels * length)]),
  ])();
}
