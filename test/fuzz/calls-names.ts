// Names of functions in PyTorch's spelling.

import { snakeCase } from "../../core/tensor/python-text";

/** PyTorch's name of a function: snake case, with its own rules for `atleast1d` and names that PyTorch writes in one word. */
export function pythonName(name: string): string {
  if (/^atleast\dd$/.test(name)) return `atleast_${name.slice(-2)}`;
  return snakeCase(name);
}
