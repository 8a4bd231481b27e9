// Reading and writing by positions in random graphs: gather, scatter and their like, and what sorting gives.

import type { GraphWriter } from "./graph-writer";
import type { Statement, Value } from "./statements";

/** Whether no two elements are equal: the order among equal ones is left open. */
function isDistinct(w: GraphWriter, name: string): boolean {
  const values = w.running.tensor(name)?.detach().reshape([-1]).tolist() ?? [];
  return new Set(values).size === values.length;
}

/** Elements by positions. */
export function gathered(w: GraphWriter): Statement | undefined {
  const on = w.ofRank((rank) => rank > 0);
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  if (sizes.includes(0)) return undefined;
  const d = w.random.below(sizes.length);
  const forms: [string, Value[]][] = [
    ["gather", [d, w.positions(sizes, sizes[d])]],
    ["indexSelect", [d, w.positions([1 + w.random.below(3)], sizes[d])]],
    [
      "take",
      [
        w.positions(
          [2],
          sizes.reduce((a, b) => a * b, 1),
        ),
      ],
    ],
    ["repeatInterleave", [2, d]],
    ["repeat", [[2, ...sizes.map(() => 1)]]],
    ["takeAlongDim", [w.positions(sizes, sizes[d]), d]],
  ];
  if (w.random.chance(30)) {
    const index = [w.positions([2], sizes[0]), ...(sizes.length > 1 && w.random.chance(50) ? [":"] : [])];
    return { out: [w.fresh("y")], on, call: "[]", args: [], index: index as Statement["index"] };
  }
  const [call, args] = w.random.pick(forms);
  return w.method(call, on, args);
}

/** Elements written by positions, into a copy or in place. */
export function scattered(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => w.sizes(name).length > 0 && !w.group(name).retained);
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  if (sizes.includes(0)) return undefined;
  const group = w.group(on);
  const source = w.tensor((name) => w.sizes(name).join() === sizes.join() && w.group(name) !== group);
  const d = w.random.below(sizes.length);
  const one = w.positions([1], sizes[d]);
  const slice = w.tensor((name) => w.sizes(name).join() === sizes.with(d, 1).join() && w.group(name) !== group);
  const forms: [string, Value[], Statement["named"]?][] = [
    ["indexFill", [d, one, 1.5]],
    ["scatter", [d, w.positions(sizes.with(d, 1), sizes[d]), 0.5]],
  ];
  if (source !== undefined) forms.push(["scatterAdd", [d, w.positions(sizes, sizes[d]), w.variable(source)]]);
  if (slice !== undefined) {
    const from = w.variable(slice);
    forms.push(
      ["indexAdd", [d, one, from], w.random.chance(30) ? { alpha: 2 } : undefined],
      ["indexCopy", [d, one, from]],
      ["scatter", [d, w.positions(sizes.with(d, 1), sizes[d]), from]],
    );
  }
  const [call, args, named] = w.random.pick(forms);
  if (w.random.chance(50)) return w.method(call, on, args, named);
  group.written = true;
  if (group.views) w.wroteView = true;
  return { out: [], on, call: `${call}_`, args, named };
}

/** Elements in order, and running extremes. */
export function ordered(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => w.sizes(name).length > 0 && !w.sizes(name).includes(0) && isDistinct(w, name));
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  const d = w.random.below(sizes.length);
  const [call, args] = w.random.pick<[string, Value[]]>([
    ["topk", [1 + w.random.below(sizes[d]), d]],
    ["sort", [d, true]],
    ["kthvalue", [1, d]],
    ["median", [d]],
    ["cummax", [d]],
    ["cummin", [d]],
  ]);
  return { out: [w.fresh("y"), w.fresh("i")], on, call, args };
}
