// Independent copies of modules and of the values around them: the counterpart of Python's copy.deepcopy for training code.

import { Parameter, Tensor } from "../tensor/tensor";
import { functionWith } from "./callable";
import { Module } from "./module";

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function copyTensor(tensor: Tensor): Tensor {
  const copy = tensor.detach().clone();
  if (tensor instanceof Parameter) return new Parameter(copy, tensor.requiresGrad);
  if (tensor.requiresGrad) copy.requiresGrad = true;
  return copy;
}

/** Own properties, symbols and hidden ones included, copied from one object to another. */
function copyProperties(from: object, to: object, copy: (value: unknown) => unknown): void {
  for (const key of Reflect.ownKeys(from)) {
    const property = Object.getOwnPropertyDescriptor(from, key);
    if (property === undefined) continue;
    if ("value" in property) property.value = copy(property.value);
    Object.defineProperty(to, key, property);
  }
}

/**
 * A copy that shares nothing that can change: modules, tensors (as leaves with their own memory), arrays, plain objects, maps and
 * sets are copied, each once, so that what was shared stays shared; everything else, functions among it, is kept. Private
 * `#fields` of a module's class cannot be copied. Source: copy.deepcopy.
 */
export function deepcopy<T>(value: T): T {
  const copies = new Map<unknown, unknown>();
  const copy = (from: unknown): unknown => {
    if ((typeof from !== "object" && typeof from !== "function") || from === null) return from;
    if (copies.has(from)) return copies.get(from);
    const remember = <C>(made: C): C => {
      copies.set(from, made);
      return made;
    };
    if (from instanceof Tensor) return remember(copyTensor(from));
    if (from instanceof Module) {
      const made = remember(functionWith(Object.getPrototypeOf(from)));
      copyProperties(from, made, copy);
      return made;
    }
    if (Array.isArray(from)) {
      const made: unknown[] = remember([]);
      for (const item of from) made.push(copy(item));
      return made;
    }
    if (from instanceof Map) {
      const made = remember(new Map());
      for (const [key, item] of from) made.set(copy(key), copy(item));
      return made;
    }
    if (from instanceof Set) {
      const made = remember(new Set());
      for (const item of from) made.add(copy(item));
      return made;
    }
    if (!isPlain(from)) return from;
    const made: object = remember(Object.create(Object.getPrototypeOf(from)));
    copyProperties(from, made, copy);
    return made;
  };
  return copy(value) as T;
}
