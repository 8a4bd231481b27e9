// What a recorded operation keeps alive: the tensors that its derivative reads, as in PyTorch's derivatives.yaml, and nothing else. Each
// operation runs on operands of a graph; then only its node is kept, and what the collector has not taken is what the node keeps.

import "cresset";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { measureScript, root } from "../support/child";

/** One operation: on operands `a b c` of these sizes, of which those in `needs` need a gradient. */
interface Case {
  readonly code: string;
  readonly shapes: readonly (readonly number[])[];
  readonly needs: string;
}

/** Which operands and whether the result (`y`) are kept, and how much in all, in tensors of 64 KB. */
interface Kept {
  readonly kept: string;
  readonly size: number;
}

const script = (cases: readonly Case[]) => `
  const torch = require("cresset");
  const { nn } = torch;
  const F = nn.functional;
  const path = require("node:path");
  const { addon } = require(path.resolve("dist", "core", "native.js"));
  const leaves = new Map();
  function leaf(shape) {
    const key = shape.join();
    if (!leaves.has(key)) leaves.set(key, torch.rand(shape).mul(0.6).add(0.2).requiresGrad_());
    return leaves.get(key);
  }
  const index = torch.arange(128).flip(0);
  const targets = torch.arange(128);
  const mask = torch.rand(128, 128).gt(0.5);
  function record(f, shapes, needs) {
    const operands = shapes.map((shape, k) => {
      const make = () => leaf(shape).mul(1);
      return needs.includes("abc"[k]) ? make() : torch.noGrad(make);
    });
    const given = f(...operands);
    const y = Array.isArray(given) ? given[0] : given;
    const storages = operands.map((x, k) => ["abc"[k], new WeakRef(x.storage)]);
    if (!operands.some((x) => x.storage === y.storage)) storages.push(["y", new WeakRef(y.storage)]);
    return { node: y.gradFn, storages };
  }
  const collect = async () => {
    for (let k = 0; k < 2; k++) {
      await new Promise(setImmediate);
      gc();
    }
    return addon.info("memory").live;
  };
  async function measure({ f, shapes, needs }) {
    for (const shape of shapes) leaf(shape);
    const before = await collect();
    const { node, storages } = record(f, shapes, needs);
    const after = await collect();
    const kept = storages.filter(([, storage]) => storage.deref() !== undefined).map(([name]) => name).join("");
    if (node === null) throw new Error("not recorded: " + f);
    return { kept, size: Math.round((after - before) / 65536) };
  }
  (async () => {
    const cases = [${cases.map(({ code, shapes, needs }) => `{ f: (a, b, c) => ${code}, shapes: ${JSON.stringify(shapes)}, needs: "${needs}" }`).join(",\n")}];
    const found = [];
    for (const one of cases) found.push(await measure(one));
    console.log(JSON.stringify(found));
  })();
`;

const measure = (cases: readonly Case[]) => measureScript<Kept[]>(script(cases), ["--expose-gc"]);

const square = [128, 128];

/** Expectations by the operations in order: `[code, needs, kept, size of everything kept (default: one per letter), shapes]`. */
type Row = [code: string, needs: string, kept: string, size?: number, shapes?: number[][]];

function describeRows(rows: readonly Row[]): void {
  let found: Kept[] = [];
  beforeAll(async () => {
    found = await measure(
      rows.map(([code, needs, , , shapes]) => ({ code, needs, shapes: shapes ?? [square, square, square] })),
    );
  }, 120_000);
  test.each(rows.map(([code, needs, kept, size], k) => ({ code, needs, kept, size: size ?? kept.length, k })))(
    "$code with gradients of $needs keeps '$kept'",
    ({ kept, size, k }) => {
      expect(found[k]).toEqual({ kept, size });
    },
  );
}

describe("reductions", () =>
  describeRows([
    ["a.sum()", "a", ""],
    ["a.sum(0)", "a", ""],
    ["a.sum({ dtype: torch.float64 })", "a", ""],
    ["a.mean()", "a", ""],
    ["a.mean(1, true)", "a", ""],
    ["a.prod(0)", "a", "ay", 1],
    ["a.amax(0)", "a", "ay", 1],
    ["a.max()", "a", "ay", 1],
    ["a.max(0)", "a", "", 0],
    ["a.logsumexp(0)", "a", "ay", 1],
    ["a.var(0)", "a", "a"],
    ["a.std(0)", "a", "ay", 1],
    ["a.norm(2, 0)", "a", "ay", 1],
    ["a.cumsum(0)", "a", ""],
    ["a.cumprod(0)", "a", "ay"],
    ["a.logcumsumexp(0)", "a", "ay"],
    ["a.cummax(0)", "a", "", 2],
    ["a.softmax(1)", "a", "y"],
    ["a.logSoftmax(1)", "a", "y"],
    ["a.trace()", "a", ""],
  ]));

describe("views and copies", () =>
  describeRows([
    ["a.view(-1)", "a", ""],
    ["a.reshape(64, 256)", "a", ""],
    ["a.t()", "a", ""],
    ["a.permute(1, 0)", "a", ""],
    ["a.narrow(0, 1, 5)", "a", ""],
    ["a.select(0, 1)", "a", ""],
    ["a.at('::2')", "a", ""],
    ["a.unsqueeze(0)", "a", ""],
    ["a.unsqueeze(0).expand(3, -1, -1)", "a", ""],
    ["a.diagonal()", "a", ""],
    ["a.unfold(0, 2, 1)", "a", ""],
    ["a.unbind(0)", "a", ""],
    ["a.split(64)", "a", ""],
    ["a.clone()", "a", ""],
    ["a.t().contiguous()", "a", ""],
    ["a.to(torch.float64)", "a", ""],
    ["a.flip(0)", "a", ""],
    ["a.tril()", "a", ""],
    ["a.roll(1, 0)", "a", ""],
    ["a.repeat(2, 1)", "a", ""],
    ["torch.cat([a, b])", "ab", ""],
    ["torch.cat([a, b])", "a", ""],
    ["torch.stack([a, b])", "ab", ""],
    ["torch.cat([a.mul(2), a.mul(3)]).sum()", "a", ""],
    ["torch.zeros(128, 128).copy_(a)", "a", ""],
    ["F.pad(a, [1, 1])", "a", ""],
    ["a.mul(1).fill_(2)", "a", ""],
    ["a.mul(1).zero_()", "a", ""],
  ]));

describe("products", () =>
  describeRows([
    ["a.mm(b)", "ab", "ab"],
    ["a.mm(b)", "a", "b"],
    ["a.mm(b)", "b", "a"],
    ["a.matmul(b)", "a", "b"],
    ["torch.addmm(a, b, c)", "abc", "bc"],
    ["torch.addmm(a, b, c)", "a", ""],
    ["torch.addmm(a, b, c)", "b", "c"],
    ["torch.addmm(a, b, c)", "c", "b"],
    ["F.linear(a, b, c.select(0, 0))", "ab", "ab"],
    ["F.linear(a, b, c.select(0, 0))", "b", "a"],
    ["F.linear(a, b, c.select(0, 0))", "c", ""],
    [
      "a.bmm(b)",
      "a",
      "b",
      1,
      [
        [1, 128, 128],
        [1, 128, 128],
      ],
    ],
    ["a.mul(b)", "ab", "ab"],
    ["a.mul(b)", "a", "b"],
    ["a.mul(b)", "b", "a"],
    ["a.div(b)", "a", "b"],
    ["a.mul(3)", "a", ""],
    ["a.add(b)", "ab", ""],
    ["a.sub(b)", "ab", ""],
    ["a.addcmul(b, c)", "a", ""],
    ["a.addcmul(b, c)", "b", "c"],
    ["a.where(mask, b)", "ab", ""],
    ["a.lerp(b, 0.3)", "ab", ""],
    ["torch.outer(a, b)", "a", "b", 0, [[128], [128]]],
  ]));

describe("positions", () =>
  describeRows([
    ["a.gather(0, index.expand(128, 128))", "a", ""],
    ["a.indexSelect(0, index)", "a", ""],
    ["a.take(index)", "a", ""],
    ["a.at(index)", "a", ""],
    ["a.at(index, index)", "a", ""],
    ["a.sort(0)", "a", "", 2],
    ["a.topk(64, 0)", "a", "", 1],
    ["a.scatterAdd(0, index.expand(128, 128), b)", "ab", ""],
    ["a.indexAdd(0, index, b)", "ab", ""],
    ["a.indexCopy(0, index, b)", "ab", ""],
    ["a.indexPut([index], b)", "ab", ""],
    ["a.maskedFill(mask, 2)", "a", ""],
    ["a.maskedScatter(mask, b)", "ab", ""],
    ["F.embedding(index, a)", "a", ""],
  ]));

describe("layers", () =>
  describeRows([
    ["F.layerNorm(a, [128])", "a", "a"],
    ["F.batchNorm(a, null, null, null, null, true)", "a", "a"],
    ["F.nllLoss(a, targets)", "a", ""],
    [
      "F.conv2d(a, b)",
      "ab",
      "ab",
      1,
      [
        [1, 1, 128, 128],
        [1, 1, 3, 3],
      ],
    ],
    ["F.maxPool2d(a, 2)", "a", "", 1, [[1, 2, 128, 64]]],
    ["F.avgPool2d(a, 2)", "a", "", 0, [[1, 2, 128, 64]]],
    ["F.relu(a)", "a", "y"],
    ["F.gelu(a)", "a", "a"],
    ["F.tanhshrink(a)", "a", "", 1],
    ["F.dropout(a, 0.5)", "a", "", 1],
  ]));

/** What elementwise operations of tensors keep when every operand needs a gradient. Composed of others: not listed. */
const ELEMENTWISE: { readonly [kept: string]: string } = {
  "": "neg sign sgn floor ceil trunc round frac add sub rsub floorDivide deg2rad rad2deg angle heaviside",
  a: `abs log log2 log10 log1p square sin cos asin acos atan sinh cosh asinh acosh atanh erf erfc erfinv lgamma digamma polygamma
    i0 sinc logit nanToNum clamp`,
  y: "exp exp2 expm1 sqrt rsqrt reciprocal tan tanh sigmoid relu",
  ab: "mul div pow maximum minimum fmax fmin atan2 logaddexp logaddexp2 xlogy remainder fmod clampMin clampMax igamma igammac",
  ay: "copysign",
  aby: "hypot",
  bc: "addcmul addcdiv",
  abc: "lerp",
};

describe("elementwise operations", () => {
  const table: {
    [name: string]: { op?: { name: string; arity: number; row: { grad?: unknown; condition?: boolean; to?: string } } };
  } = createRequire(root)(join(root, "dist", "core", "ops", "elementwise", "pointwise.js"));
  const expected = new Map(
    Object.entries(ELEMENTWISE).flatMap(([kept, names]) => names.split(/\s+/).map((name) => [name, kept] as const)),
  );
  const differentiable = Object.entries(table).flatMap(([name, { op }]) =>
    op !== undefined &&
    op.name === name &&
    !op.row.condition &&
    op.row.to !== "bool" &&
    (op.row.grad !== undefined || expected.has(name))
      ? [{ name, arity: op.arity }]
      : [],
  );

  test("are all in the table", () => {
    expect(differentiable.map(({ name }) => name).filter((name) => !expected.has(name))).toEqual([]);
  });

  const bounds: { readonly [name: string]: string } = { clamp: ", 0.3, 0.6" };
  // A power keeps its result for the exponent's gradient; a result is told from an operand by its letter.
  const also: { readonly [name: string]: string } = { pow: "aby", remainder: "ab", fmod: "ab" };
  describeRows(
    differentiable
      .filter(({ name }) => expected.has(name))
      .map(({ name, arity }): Row => {
        const kept = also[name] ?? (expected.get(name) as string);
        if (name === "polygamma") return ["torch.polygamma(2, a)", "a", kept];
        const letters = "abc".slice(0, arity);
        return [`torch.${name}(${[...letters].join(", ")}${bounds[name] ?? ""})`, letters, kept];
      }),
  );
});

test("backward of a loss frees what the graph kept, though the loss lives on", async () => {
  const freed = await measureScript<number>(
    `
    const torch = require("cresset");
    const path = require("node:path");
    const { addon } = require(path.resolve("dist", "core", "native.js"));
    const live = () => (gc(), addon.info("memory").live);
    const w = torch.ones(2 ** 20, { requiresGrad: true });
    (async () => {
      const before = live();
      const loss = w.mul(2).reshape(1024, 1024).exp().mean();
      loss.backward();
      await new Promise(setImmediate);
      console.log(JSON.stringify(Math.round((live() - before) / 2 ** 22)));
      if (loss.gradFn === null) console.log(loss);
    })();`,
    ["--expose-gc"],
  );
  // The gradient of the leaf.
  expect(freed).toBe(1);
});
