// Functions that see every call of a module.

import { isOptions } from "../arguments/arguments";
import type { RemovableHandle } from "../autograd/hooks";
import { CressetError } from "../errors";
import { typeName } from "../tensor/python-text";
import { watched } from "./backward-hooks";
import type { CallArguments, CallResult, Forward } from "./callable";
import { type AnyHook, type Hooks, internals, type Owner, type StateHookTime } from "./members";

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

/** What adding a hook takes by name. */
export interface HookOptions {
  /** Whether the hook is called before those that are there. Default false. */
  prepend?: boolean;
}

/** As HookOptions, for hooks that get the arguments given by name apart. */
export interface KwargsOptions extends HookOptions {
  withKwargs: true;
}

/** The arguments given by name: those of a plain object at the end. */
type Kwargs = { [name: string]: unknown };

/** As PreHook, with the arguments given by name apart: may give both anew, as `[args, kwargs]`. */
export type PreHookWithKwargs<M extends Called> = (module: M, args: readonly unknown[], kwargs: Kwargs) => unknown;
/** As Hook, with the arguments given by name apart. */
export type HookWithKwargs<M extends Called> = (
  module: M,
  args: readonly unknown[],
  kwargs: Kwargs,
  output: CallResult<M["forward"]>,
) => unknown;

/** The arguments in order, and those by name. */
function apart(args: readonly unknown[]): [args: readonly unknown[], kwargs: Kwargs] {
  const last = args[args.length - 1];
  return isOptions(last) ? [args.slice(0, -1), last] : [args, {}];
}

/** A hook of arguments by name as one that gets all arguments in a list. */
export function withKwargs(hook: AnyHook): AnyHook {
  const wrapped = (module: object, args: readonly unknown[], ...output: unknown[]): unknown => {
    const given = apart(args);
    const result: unknown = Reflect.apply(hook, undefined, [module, ...given, ...output]);
    if (output.length > 0 || !replaces(result)) return result;
    if (!Array.isArray(result) || result.length !== 2 || !Array.isArray(result[0]) || !isOptions(result[1])) {
      throw new CressetError(
        `forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got ${typeName(result)}.`,
      );
    }
    const [inOrder, byName] = result as [unknown[], Kwargs];
    return Object.keys(byName).length === 0 ? inOrder : [...inOrder, byName];
  };
  return wrapped;
}

/** Adds a hook to a list, at its end unless `prepend`. */
export function addHook(list: AnyHook[], hook: AnyHook, prepend = false): RemovableHandle {
  if (prepend) list.unshift(hook);
  else list.push(hook);
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
  known.hooks ??= { before: [], after: [], backward: [], state: {} };
  return known.hooks;
}

/** Adds a hook of a module's state. */
export function addStateHook(module: Owner, when: StateHookTime, hook: AnyHook): RemovableHandle {
  const { state } = hooksOf(module);
  state[when] ??= [];
  return addHook(state[when], hook);
}

/** The hooks of a module's state for a time. */
export function stateHooks(module: Owner, when: StateHookTime): readonly AnyHook[] {
  return [...(module[internals].hooks?.state[when] ?? [])];
}
