// Views of random graphs, and changes of shape in place.

import type { GraphWriter } from "./graph-writer";
import type { Index, Statement, Value } from "./statements";

export function view(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  if (on === undefined) return undefined;
  const sizes = w.sizes(on);
  const dims = sizes.length;
  const d = dims === 0 ? 0 : w.random.below(dims);
  const numel = sizes.reduce((a, b) => a * b, 1);
  const forms: [string, Value[]][] = [
    ["view", [-1]],
    ["reshape", [-1]],
    ["flatten", []],
    ["unsqueeze", [w.random.below(dims + 1)]],
    ["squeeze", []],
    ["view", [[...sizes]]],
    ["reshape", [[numel]]],
    ["ravel", []],
    ["expand", [[2, ...sizes]]],
    ["viewAs", [w.variable(on)]],
    ["alias", []],
  ];
  if (dims > 0) {
    forms.push(
      ["select", [d, 0]],
      ["narrow", [d, 0, Math.max(0, sizes[d] - 1)]],
      ["squeeze", [d]],
      ["unfold", [d, Math.min(2, sizes[d]), 1]],
    );
    forms.push(["narrow", [d, Math.min(1, sizes[d] - 1), 1]], ["movedim", [0, dims - 1]]);
  }
  if (dims >= 2) {
    forms.push(
      ["transpose", [0, 1]],
      ["transpose", [0, dims - 1]],
      ["permute", [[...sizes.keys()].reverse()]],
      ["diagonal", []],
      ["swapaxes", [0, -1]],
    );
    if (dims === 2) forms.push(["t", []], ["t", []]);
  }
  const group = w.group(on);
  if (group.retained) return undefined;
  group.views = true;
  const name = w.fresh("y");
  w.share(name, group);
  if (dims > 0 && w.random.chance(35)) return { out: [name], on, call: "[]", args: [], index: indices(w, sizes) };
  if (dims > 0 && sizes[0] >= 1 && sizes[0] <= 3 && w.random.chance(15)) {
    const out = Array.from({ length: sizes[0] }, () => w.fresh("y"));
    for (const each of out) w.share(each, group);
    return w.random.chance(60) ? { out, on, call: "unbind", args: [0] } : { out, on, call: "split", args: [1, 0] };
  }
  const [call, args] = w.random.pick(forms);
  if (call === "alias") return { out: [name], on, call: "[]", args: [], index: ["..."] };
  return { out: [name], on, call, args };
}

export function indices(w: GraphWriter, sizes: readonly number[]): Index[] {
  const index: Index[] = [];
  for (const size of sizes) {
    if (w.random.chance(25)) break;
    index.push(
      w.random.weighted<Index>([
        [4, size > 0 ? w.random.below(size) : ":"],
        [2, -1],
        [4, ":"],
        [3, "1:"],
        [3, ":1"],
        [2, "::2"],
      ]),
    );
  }
  if (w.random.chance(10)) index.unshift(null);
  if (w.random.chance(8)) index.push("...");
  return index.length === 0 ? [":"] : index;
}

export function reshaped(w: GraphWriter): Statement | undefined {
  const on = w.tensor((name) => !w.group(name).retained && !w.leaves.includes(name));
  if (on === undefined) return undefined;
  const rank = w.sizes(on).length;
  const forms: [string, Value[]][] = [
    ["unsqueeze_", [0]],
    ["squeeze_", []],
  ];
  if (rank === 2) forms.push(["t_", []], ["transpose_", [0, 1]], ["swapaxes_", [0, 1]]);
  const [call, args] = w.random.pick(forms);
  const group = w.group(on);
  group.written = true;
  group.views = true;
  return { out: [], on, call, args };
}

export function detached(w: GraphWriter): Statement | undefined {
  const on = w.tensor();
  if (on === undefined) return undefined;
  const name = w.fresh("y");
  w.share(name, w.group(on));
  w.group(on).views = true;
  return w.random.pick<Statement>([
    { out: [name], on, call: "detach", args: [] },
    { out: [name], on, call: "detach", args: [] },
    { out: [name], on, call: ".data", args: [] },
    { out: [], on, call: "detach_", args: [] },
  ]);
}
