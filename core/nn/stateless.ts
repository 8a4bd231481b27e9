// torch.nn.utils.stateless: a module's computation as a function of its parameters and buffers.

import { signed } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";
import { internals, propertyOf, submodule } from "./members";
import type { Module } from "./module";

/** Tensors by dotted name. */
type Tensors = { [name: string]: Tensor };

/** Puts a tensor in the place of a member, and gives back what puts the member back. Writes to the member go to `tensors`. */
function replaced(module: Module, property: string, name: string, tensors: Tensors): () => void {
  const { held } = module[internals];
  const before = Object.getOwnPropertyDescriptor(module, property);
  const kept = held[property];
  Object.defineProperty(module, property, {
    configurable: true,
    enumerable: true,
    get: () => tensors[name],
    set(value: Tensor) {
      tensors[name] = value;
    },
  });
  return () => {
    if (before === undefined) Reflect.deleteProperty(module, property);
    else Object.defineProperty(module, property, before);
    held[property] = kept;
  };
}

/**
 * Calls a module with other parameters and buffers, by their dotted names, than its own; what it assigns to them goes back into
 * `parametersAndBuffers`. `args` is a list of arguments, or the only one; `kwargs` those given by name. The regular name of a
 * parametrized tensor takes its parametrization out for the call. Source: torch.nn.utils.stateless.functional_call.
 */
export const functionalCall = signed(
  "def functionalCall(Module module, any parametersAndBuffers, any args, any? kwargs=None)",
  (module: Module, parametersAndBuffers: Tensors, args: unknown, kwargs?: object | null): unknown => {
    const undo: (() => void)[] = [];
    const known = new Map<unknown, Tensor>();
    try {
      for (const [name, tensor] of Object.entries(parametersAndBuffers)) {
        const cut = name.lastIndexOf(".");
        const owner = submodule(module, cut < 0 ? "" : name.slice(0, cut)) as Module;
        const property = propertyOf(owner, name.slice(cut + 1));
        const old: unknown = Reflect.get(owner, property);
        if (known.has(old) && known.get(old) !== tensor) {
          warn(
            "functional_call was passed multiple values for tied weights. This behavior is deprecated and will be an error in future versions",
          );
        } else known.set(old, tensor);
        undo.push(replaced(owner, property, name, parametersAndBuffers));
      }
      const list: unknown[] = Array.isArray(args) ? [...args] : [args];
      if (kwargs !== null && kwargs !== undefined) list.push(kwargs);
      return module(...list);
    } finally {
      for (const restore of undo.reverse()) restore();
    }
  },
) as unknown as <M extends Module>(
  module: M,
  parametersAndBuffers: Tensors,
  args: unknown,
  kwargs?: object | null,
) => ReturnType<M["forward"]>;
