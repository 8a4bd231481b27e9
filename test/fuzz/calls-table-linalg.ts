// Linear algebra, as calls-table.ts has other functions. Results with a sign of their own are compared by test/ops/linalg.

import type { Argument, Maker } from "./calls-arguments";
import { type Entry, key, type Make, one, row } from "./calls-rows";

/** A batch of square matrices, n × n, or now and then of others. */
function square(g: Maker, least = 0): number[] {
  const n = g.int(least, 4);
  return [...g.shape(0, 1), n, g.chance(0.04) ? g.int(0, 4) : n];
}

const matrix =
  (name = "input"): Make =>
  (g) => {
    g.use("float");
    return [[name, g.tensor(square(g))]];
  };

const rectangle =
  (name = "input"): Make =>
  (g) => {
    g.use("float");
    return [[name, g.tensor(g.shape(g.chance(0.05) ? 1 : 2, 3))]];
  };

/** A square matrix and what it is multiplied with. */
const equation =
  (first: string, second: string, flipped = false): Make =>
  (g) => {
    g.use("float");
    const sizes = square(g, 1);
    const n = sizes[sizes.length - 1];
    const a: Argument = [first, g.tensor(sizes)];
    const b: Argument = [second, g.tensor([...g.broadcast(sizes.slice(0, -2)), n, g.int(1, 3)])];
    return flipped ? [b, a] : [a, b];
  };

const order = (g: Maker, orders: readonly (number | string)[]): number | string | { number: string } => {
  const found = g.pick([...orders]);
  return found === "inf" || found === "-inf" ? { number: found } : found;
};

/** Functions of linear algebra. */
export const linalg: readonly Entry[] = [
  ...row("tm", "inverse det slogdet logdet pinverse", matrix()),
  ...row("l", "inv invEx det slogdet", matrix("A")),
  ...row("tm", "matrixExp", matrix()),
  ...row("l", "matrixExp", matrix()),
  ...row("tm", "matrixPower", (g) => [...matrix()(g), ["n", g.int(-2, 5)]]),
  ...row("l", "matrixPower", (g) => [...matrix()(g), ["n", g.int(-2, 5)]]),
  ...row("tm", "cholesky choleskyInverse", (g) => [...matrix()(g), ["upper", g.maybe(0.5, () => g.bool())]]),
  ...row("l", "cholesky choleskyEx", (g) => [
    ...matrix("A")(g),
    key(
      "upper",
      g.maybe(0.5, () => g.bool()),
    ),
  ]),
  ...row("tm", "choleskySolve", (g) => [
    ...equation("input2", "input", true)(g),
    ["upper", g.maybe(0.5, () => g.bool())],
  ]),
  ...row("l", "solve solveEx", (g) => [
    ...equation("A", "B")(g),
    key(
      "left",
      g.maybe(0.2, () => g.bool()),
    ),
  ]),
  ...row("l", "solveTriangular", (g) => [
    ...equation("input", "B")(g),
    key("upper", g.bool()),
    key(
      "left",
      g.maybe(0.2, () => g.bool()),
    ),
    key(
      "unitriangular",
      g.maybe(0.3, () => g.bool()),
    ),
  ]),
  ...row("tm", "triangularSolve", (g) => [
    ...equation("A", "input", true)(g),
    ["upper", g.maybe(0.6, () => g.bool())],
    ["transpose", g.maybe(0.6, () => g.bool())],
    ["unitriangular", g.maybe(0.6, () => g.bool())],
  ]),
  ...row("l", "lu luFactor luFactorEx", rectangle("A")),
  ...row("l", "svdvals", rectangle("A")),
  ...row("l", "eigvalsh", matrix("A")),
  ...row("l", "pinv matrixRank", rectangle()),
  ...row("l", "lstsq", (g) => {
    g.use("float");
    const [m, n] = [g.int(1, 4), g.int(1, 4)];
    return [
      ["input", g.tensor([m, n])],
      ["b", g.tensor([m, g.int(1, 3)])],
    ];
  }),
  ...row("l", "multiDot", (g) => {
    g.use("float");
    const sizes = Array.from({ length: g.int(3, 5) }, () => g.int(1, 4));
    return [["tensors", sizes.slice(1).map((n, k) => g.tensor([sizes[k], n]))]];
  }),
  ...row("l", "norm", (g) => [
    ...one("float", 1, 2)(g),
    ["ord", g.maybe(0.8, () => order(g, [1, 2, -1, -2, 0, 3, "inf", "-inf", "fro", "nuc"]))],
  ]),
  ...row("l", "vectorNorm", (g) => {
    g.use("float");
    const sizes = g.shape();
    return [
      ["input", g.tensor(sizes)],
      ["ord", g.maybe(0.8, () => order(g, [1, 2, -1, 0, 0.5, 3, "inf", "-inf"]))],
      ["dim", g.maybe(0.6, () => (g.chance(0.5) ? g.dim(sizes.length) : g.dims(sizes.length)))],
      ["keepdim", g.maybe(0.3, () => g.bool())],
    ];
  }),
  ...row("l", "matrixNorm", (g) => [
    ...one("float", 2, 3)(g),
    ["ord", g.maybe(0.8, () => order(g, [1, 2, -1, -2, "inf", "-inf", "fro", "nuc"]))],
    [
      "dim",
      g.maybe(0.4, () =>
        g.pick([
          [0, 1],
          [-1, -2],
          [1, 0],
        ]),
      ),
    ],
    ["keepdim", g.maybe(0.3, () => g.bool())],
  ]),
  ...row("t", "nuclearNorm", rectangle()),
  ...row("l", "cond", (g) => [
    ...matrix()(g),
    ["p", g.maybe(0.7, () => order(g, [2, -2, 1, -1, "inf", "fro", "nuc"]))],
  ]),
  ...row("l", "vander", (g) => [
    ...one("number", 0, 2)(g).map(([, value]): Argument => ["x", value]),
    key(
      "N",
      g.maybe(0.5, () => g.int(1, 5)),
    ),
  ]),
  ...row("l", "vecdot", (g) => {
    g.use("float");
    const sizes = g.shape(1, 3);
    return [
      ["x", g.tensor(sizes)],
      ["y", g.tensor(sizes)],
      key(
        "dim",
        g.maybe(0.5, () => g.dim(sizes.length)),
      ),
    ];
  }),
  ...row("l", "cross", (g) => {
    g.use("number");
    const sizes = [...g.shape(0, 2), 3];
    return [
      ["input", g.tensor(sizes)],
      ["other", g.tensor(sizes)],
    ];
  }),
  ...row("l", "diagonal", (g) => [
    ...rectangle("A")(g),
    key(
      "offset",
      g.maybe(0.4, () => g.int(-2, 2)),
    ),
  ]),
  ...row("l", "matmul", (g) => {
    g.use("float");
    const [a, b, c] = [g.int(1, 3), g.int(1, 3), g.int(1, 3)];
    return [
      ["input", g.tensor([a, b])],
      ["other", g.tensor([b, c])],
    ];
  }),
  ...row("l", "tensorinv", (g) => {
    g.use("float");
    const [a, b] = [g.int(1, 2), g.int(1, 3)];
    return [
      ["input", g.tensor([a, b, a * b])],
      ["ind", g.maybe(0.9, () => 2)],
    ];
  }),
  ...row("l", "tensorsolve", (g) => {
    g.use("float");
    const [a, b] = [g.int(1, 2), g.int(1, 3)];
    return [
      ["input", g.tensor([a, b, a * b])],
      ["other", g.tensor([a, b])],
    ];
  }),
  ...row("tm", "lu", (g) => rectangle("A")(g)),
];
