// Sums of products by Einstein's notation, as products of matrices over two operands at a time.

import { pythonType, requireTensors } from "../../arguments/signature";
import { ArgumentError, CressetError } from "../../errors";
import { Tensor } from "../../tensor/tensor";
import { bmm } from "./linalg";

/** What names the dimensions of an operand, where no equation does: a number from 0 to 51 for each, "..." for those between. */
export type Subscripts = readonly (number | "...")[] | Tensor;

/**
 * Sums of products by an equation such as "ij,jk->ik", or by lists behind the operands: `einsum(a, [0, 1], b, [1, 2], [0, 2])`. Throws
 * CressetError for an equation that does not fit. Source: torch.einsum.
 */
export function einsum(equation: string, ...operands: readonly (Tensor | readonly Tensor[])[]): Tensor;
export function einsum(operand: Tensor, subscripts: Subscripts, ...more: readonly (Tensor | Subscripts)[]): Tensor;
export function einsum(...given: readonly unknown[]): Tensor {
  if (given.length < 2) {
    throw new ArgumentError(
      "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list",
    );
  }
  const [equation, ...operands] = given[0] instanceof Tensor ? fromLists(given) : given;
  if (typeof equation !== "string") {
    throw new ArgumentError(`einsum(): argument 'equation' (position 1) must be str, not ${pythonType(equation)}`);
  }
  const tensors = operands.flat() as Tensor[];
  requireTensors("einsum", tensors);
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (tensors.length === 0) throw new CressetError("einsum(): must provide at least one operand");
  if (terms.length > tensors.length)
    throw new CressetError("einsum(): fewer operands were provided than specified in the equation");
  if (terms.length < tensors.length)
    throw new CressetError("einsum(): more operands were provided than specified in the equation");
  return contract(terms, right, tensors);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The equation of operands with lists of subscripts behind them, and the operands. A last list alone is the result's. */
function fromLists(given: readonly unknown[]): [equation: string, ...operands: unknown[]] {
  const lists = given.filter((_, k) => k % 2 === 1).map(termOf);
  const operands = given.filter((_, k) => k % 2 === 0);
  if (given.length % 2 === 0) return [lists.join(","), ...operands];
  return [`${lists.join(",")}->${termOf(operands.pop())}`, ...operands];
}

/** A list of subscripts as letters. */
function termOf(list: unknown): string {
  const subscripts: readonly unknown[] =
    list instanceof Tensor ? [list.tolist()].flat() : Array.isArray(list) ? list : [null];
  return subscripts
    .map((subscript) => {
      if (subscript === "...") return "...";
      if (typeof subscript !== "number" || !Number.isInteger(subscript)) {
        throw new ArgumentError(`'${pythonType(subscript)}' object cannot be interpreted as an integer`);
      }
      if (subscript < 0 || subscript >= LETTERS.length) {
        throw new ArgumentError("einsum(): subscript in subscript list is not within the valid range [0, 52)");
      }
      return LETTERS[subscript];
    })
    .join("");
}

/** Letters for the dimensions under an ellipsis, which no equation can name. */
const ELLIPSIS = Array.from({ length: 16 }, (_, k) => String.fromCharCode(0x3b1 + k));

function contract(terms: readonly string[], right: string | undefined, tensors: readonly Tensor[]): Tensor {
  let dots = 0;
  const labels = terms.map((term, k) => {
    const letters = term.replace("...", "");
    if (/[^A-Za-z]/.test(letters)) {
      throw new CressetError(
        `einsum(): invalid subscript given at index ${k} in the equation string, subscripts must be in [a-zA-Z]`,
      );
    }
    const free = tensors[k].ndim - letters.length;
    if (free < 0 || (free > 0 && !term.includes("..."))) {
      throw new CressetError(
        `einsum(): the number of subscripts in the equation (${letters.length}) does not match the number of dimensions (${tensors[k].ndim}) for operand ${k} and no ellipsis was given`,
      );
    }
    dots = Math.max(dots, free);
    return { term, free };
  });
  const hidden = ELLIPSIS.slice(0, dots);
  const expanded = labels.map(({ term, free }) => term.replace("...", hidden.slice(dots - free).join("")));
  const sizes = new Map<string, number>();
  expanded.forEach((term, k) => {
    [...term].forEach((letter, d) => {
      const n = tensors[k].sizes[d];
      const known = sizes.get(letter) ?? 1;
      if (known !== 1 && n !== 1 && known !== n) {
        throw new CressetError(
          `einsum(): subscript ${letter} has size ${n} for operand ${k} which does not broadcast with previously seen size ${known}`,
        );
      }
      sizes.set(letter, known === 1 ? n : known);
    });
  });
  const all = [...sizes.keys()];
  const count = (letter: string): number => expanded.join("").split(letter).length - 1;
  const implicit =
    hidden.join("") +
    all
      .filter((l) => !hidden.includes(l) && count(l) === 1)
      .sort()
      .join("");
  const output = right === undefined ? implicit : right.replace("...", hidden.join(""));
  for (const letter of output) {
    if (!sizes.has(letter)) {
      throw new CressetError(
        `einsum(): output subscript ${letter} does not appear in the equation for any input operand`,
      );
    }
    if (output.split(letter).length > 2) {
      throw new CressetError(`einsum(): output subscript ${letter} appears more than once in the output`);
    }
  }
  const summed = all.filter((letter) => !output.includes(letter)).sort();
  const letters = [...output, ...summed];
  const [first, ...rest] = expanded.map((term, k) => aligned(term, tensors[k], letters));
  const over = summed.map((_, k) => output.length + k);
  if (rest.length === 0) return over.length === 0 ? first : first.sum(over);
  const product = productOf(first, rest, over);
  return over.length === 0 ? product : product.view(product.sizes.slice(0, output.length));
}

/** An operand with a dimension for every letter, in their order: of size 1 for one that it has not. */
function aligned(term: string, value: Tensor, letters: readonly string[]): Tensor {
  const own = diagonalised(term, value);
  const missing = letters.filter((letter) => !own.term.includes(letter));
  const whole = own.term + missing.join("");
  return missing
    .reduce((wide) => wide.unsqueeze(-1), own.value)
    .permute(letters.map((letter) => whole.indexOf(letter)));
}

/** The product of aligned operands, summed over dimensions, each as soon as no later operand has it. */
function productOf(first: Tensor, rest: readonly Tensor[], over: readonly number[]): Tensor {
  const left = new Map(over.map((d) => [d, [first, ...rest].filter((x) => x.sizes[d] !== 1).length]));
  let a = first;
  for (let b of rest) {
    const both: number[] = [];
    const ofA: number[] = [];
    const ofB: number[] = [];
    for (const d of over) {
      const count = left.get(d) as number;
      const inBoth = a.sizes[d] !== 1 && b.sizes[d] !== 1;
      if (inBoth) left.set(d, count - 1);
      if (inBoth ? count === 2 : count === 1 && (a.sizes[d] !== 1 || b.sizes[d] !== 1)) {
        left.set(d, 0);
        (inBoth ? both : a.sizes[d] !== 1 ? ofA : ofB).push(d);
      }
    }
    if (ofA.length > 0) a = a.sum(ofA, true);
    if (ofB.length > 0) b = b.sum(ofB, true);
    a = sumOfProducts(a, b, both);
  }
  return a;
}

/** `a` times `b`, summed over dimensions that both have, which stay with size 1: one batched product of matrices, shown in their order. */
function sumOfProducts(a: Tensor, b: Tensor, over: readonly number[]): Tensor {
  if (over.length === 0) return a.mul(b);
  const kept = a.sizes.map((_, d) => d).filter((d) => !over.includes(d));
  const batch = kept.filter((d) => a.sizes[d] !== 1 && b.sizes[d] !== 1);
  const rows = kept.filter((d) => a.sizes[d] !== 1 && b.sizes[d] === 1);
  const columns = kept.filter((d) => a.sizes[d] === 1);
  const extent = (x: Tensor, dims: readonly number[]): number => dims.reduce((n, d) => n * x.sizes[d], 1);
  const [n, sum] = [extent(a, batch), extent(a, over)];
  const left = a.permute([...batch, ...rows, ...over, ...columns]).reshape([n, extent(a, rows), sum]);
  const right = b.permute([...batch, ...over, ...columns, ...rows]).reshape([n, sum, extent(b, columns)]);
  const order = [...batch, ...rows, ...over, ...columns];
  const sizes = order.map((d) => (over.includes(d) ? 1 : columns.includes(d) ? b.sizes[d] : a.sizes[d]));
  return bmm(left, right)
    .view(sizes)
    .permute(a.sizes.map((_, d) => order.indexOf(d)));
}

interface Term {
  term: string;
  value: Tensor;
}

/** A repeated letter within one operand takes its diagonal. */
function diagonalised(term: string, value: Tensor): Term {
  let out: Term = { term, value };
  for (;;) {
    const letters = [...out.term];
    const second = letters.findIndex((l, d) => letters.indexOf(l) !== d);
    if (second < 0) return out;
    const first = letters.indexOf(letters[second]);
    const rest = letters.filter((_, d) => d !== first && d !== second);
    out = { term: [...rest, letters[second]].join(""), value: out.value.diagonal(0, first, second) };
  }
}
