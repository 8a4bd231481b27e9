// Sums of products by Einstein's notation, as products of matrices over two operands at a time.

import { requireTensors } from "../../arguments/signature";
import { CressetError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { bmm } from "./linalg";

/** Sums of products by an equation such as "ij,jk->ik". Throws CressetError for an equation that does not fit. Source: torch.einsum. */
export function einsum(equation: string, ...operands: readonly (Tensor | readonly Tensor[])[]): Tensor {
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
  let current = diagonalised(expanded[0], tensors[0]);
  for (let k = 1; k < tensors.length; k++) {
    const later = expanded.slice(k + 1).join("") + output;
    current = pair(current, diagonalised(expanded[k], tensors[k]), later);
  }
  const gone = [...current.term].map((l, d) => (output.includes(l) ? -1 : d)).filter((d) => d >= 0);
  const value = gone.length > 0 ? current.value.sum(gone) : current.value;
  const left = [...current.term].filter((l) => output.includes(l));
  const order = [...output].map((l) => left.indexOf(l));
  return order.every((d, k) => d === k) ? value : value.permute(order);
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

/** An operand summed over a letter: where the other one has size 1 there, that sum is all that is left to multiply. */
function without({ term, value }: Term, letter: string): Term {
  const d = term.indexOf(letter);
  return { term: term.replace(letter, ""), value: value.sizes[d] === 1 ? value.squeeze(d) : value.sum(d) };
}

/** Two operands multiplied and summed over what nothing later needs, by one batched product of matrices. */
function pair(a: Term, b: Term, later: string): Term {
  const narrow = [...a.term].filter((l) => {
    const q = b.term.indexOf(l);
    return q >= 0 && !later.includes(l) && (a.value.sizes[a.term.indexOf(l)] === 1 || b.value.sizes[q] === 1);
  });
  if (narrow.length > 0) return pair(narrow.reduce(without, a), narrow.reduce(without, b), later);
  const shared = [...a.term].filter((l) => b.term.includes(l));
  const batch = shared.filter((l) => later.includes(l));
  const summed = shared.filter((l) => !later.includes(l));
  const onlyA = [...a.term].filter((l) => !b.term.includes(l));
  const onlyB = [...b.term].filter((l) => !a.term.includes(l));
  const size = (l: string): number => {
    const p = a.term.indexOf(l);
    const q = b.term.indexOf(l);
    const own = p < 0 ? 1 : a.value.sizes[p];
    return own === 1 && q >= 0 ? b.value.sizes[q] : own;
  };
  const arranged = (x: Term, letters: readonly string[]): Tensor =>
    x.value.permute(letters.map((l) => x.term.indexOf(l))).expand(letters.map(size));
  const letters = [...batch, ...onlyA, ...onlyB];
  if (summed.length === 0) {
    const wide = (x: Term, missing: readonly string[]): Tensor => {
      const own = letters.filter((l) => !missing.includes(l));
      const value = x.value.permute(own.map((l) => x.term.indexOf(l)));
      return value.reshape(letters.map((l) => (missing.includes(l) ? 1 : value.sizes[own.indexOf(l)])));
    };
    return { term: letters.join(""), value: wide(a, onlyB).mul(wide(b, onlyA)) };
  }
  const extent = (letters: readonly string[]): number => letters.reduce((n, l) => n * size(l), 1);
  const left = arranged(a, [...batch, ...onlyA, ...summed]).reshape([extent(batch), extent(onlyA), extent(summed)]);
  const right = arranged(b, [...batch, ...summed, ...onlyB]).reshape([extent(batch), extent(summed), extent(onlyB)]);
  return { term: letters.join(""), value: bmm(left, right).view(letters.map(size)) };
}
