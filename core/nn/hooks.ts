// Functions that see every call of a module. Made only for modules that have some.

import type { RemovableHandle } from "../autograd/methods";

export type { RemovableHandle };

/** Runs before forward: may give other arguments. */
export type PreHook<M> = (module: M, args: unknown[]) => unknown;
/** Runs after forward: may give another output. */
export type Hook<M> = (module: M, args: unknown[], output: unknown) => unknown;

type AnyHook = (module: never, ...rest: never[]) => unknown;

/** The hooks of one module, in order of registration. */
export class Hooks {
  private readonly before: AnyHook[] = [];
  private readonly after: AnyHook[] = [];

  addBefore(hook: AnyHook): RemovableHandle {
    return added(this.before, hook);
  }

  addAfter(hook: AnyHook): RemovableHandle {
    return added(this.after, hook);
  }

  /** A call with the hooks around `forward`. */
  run(module: object, args: unknown[], forward: (args: unknown[]) => unknown): unknown {
    let given = args;
    for (const hook of [...this.before]) {
      const changed = Reflect.apply(hook, undefined, [module, given]);
      if (changed !== undefined && changed !== null) given = Array.isArray(changed) ? changed : [changed];
    }
    let output = forward(given);
    for (const hook of [...this.after]) {
      output = Reflect.apply(hook, undefined, [module, given, output]) ?? output;
    }
    return output;
  }
}

function added(list: AnyHook[], hook: AnyHook): RemovableHandle {
  list.push(hook);
  return {
    remove() {
      const at = list.indexOf(hook);
      if (at >= 0) list.splice(at, 1);
    },
  };
}
