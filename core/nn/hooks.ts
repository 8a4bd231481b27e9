// Functions that see every call of a module.

import type { RemovableHandle } from "../autograd/hooks";
import { watched } from "./backward-hooks";
import type { CallArguments, CallResult, Forward } from "./callable";
import { type AnyHook, type Hooks, internals, type Owner } from "./members";

export type { RemovableHandle };

/** Anything with a `forward`, whose types the hooks get. */
interface Called {
  forward: Forward;
}

/** Runs before forward: may give other arguments. A number, as from `list.push(args)`, is no argument. */
export type PreHook<M extends Called> = (module: M, args: CallArguments<M["forward"]>) => unknown;
/** Runs after forward: may give another output. A number, as from `list.push(output)`, is none. */
export type Hook<M extends Called> = (
  module: M,
  args: CallArguments<M["forward"]>,
  output: CallResult<M["forward"]>,
) => unknown;

const replaces = (value: unknown): boolean => value !== undefined && value !== null && typeof value !== "number";

/** A call with hooks around `forward`. */
export function runHooks(
  hooks: Hooks,
  module: object,
  args: unknown[],
  forward: (args: unknown[]) => unknown,
): unknown {
  let given = args;
  for (const hook of [...hooks.before]) {
    const changed = Reflect.apply(hook, undefined, [module, given]);
    if (replaces(changed)) given = Array.isArray(changed) ? changed : [changed];
  }
  const seen = hooks.backward.map(
    (hook) => (gradInput: unknown, gradOutput: unknown) =>
      Reflect.apply(hook, undefined, [module, gradInput, gradOutput]),
  );
  let output = seen.length === 0 ? forward(given) : watched(seen, given, forward);
  for (const hook of [...hooks.after]) {
    const changed = Reflect.apply(hook, undefined, [module, given, output]);
    if (replaces(changed)) output = changed;
  }
  return output;
}

/** Adds a hook to a list. */
export function addHook(list: AnyHook[], hook: AnyHook): RemovableHandle {
  list.push(hook);
  return {
    remove() {
      const at = list.indexOf(hook);
      if (at >= 0) list.splice(at, 1);
    },
  };
}

/** The hooks of a module, made when it has none yet. */
export function hooksOf(module: Owner): Hooks {
  const known = module[internals];
  known.hooks ??= { before: [], after: [], backward: [] };
  return known.hooks;
}
