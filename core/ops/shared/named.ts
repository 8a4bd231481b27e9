// Several results under PyTorch's names: an array that also has each of them as a property.

import { inspectSymbol } from "../../inspect";
import { returnTypesText } from "../../tensor/print-names";
import { snakeCase } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";

/** Tensors in order, and by the names `N`. */
export type Named<N extends readonly string[]> = { -readonly [K in keyof N]: Tensor } & {
  readonly [K in N[number]]: Tensor;
};

/** Names results, which print as PyTorch's `torch.return_types.` and `call`. */
export function named<const N extends readonly string[]>(
  call: string,
  names: N,
  results: { readonly [K in keyof N]: Tensor },
): Named<N> {
  const list: Tensor[] = [...results];
  const fields = () => names.map((name, k) => [/^[a-z]/.test(name) ? snakeCase(name) : name, list[k].toString()]);
  const print = () => returnTypesText(call, Object.fromEntries(fields()));
  for (const [k, name] of names.entries()) Object.defineProperty(list, name, { value: list[k] });
  Object.defineProperty(list, "toString", { value: print });
  Object.defineProperty(list, inspectSymbol, { value: print });
  return list as unknown as Named<N>;
}
