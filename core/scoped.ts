// Values that hold while a body runs, an async one to its end: gradient mode, anomaly mode, the default random stream, the worker.
//
// Synchronous code sees a plain field. A body that gives a promise goes on between other code, also between bodies in another
// mode; then the asynchronous context says to which body the running code belongs.

import { AsyncLocalStorage } from "node:async_hooks";

/** One body and the value that it set. */
interface Scope {
  readonly owner: object;
  value: unknown;
  readonly outer: Scope | null;
  /** Whether the body, or its promise, has not ended. */
  open: boolean;
  /** Whether the synchronous part of the body runs now. */
  starting: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

/** How many async bodies have not ended. While there are none, plain fields tell everything. */
let pending = 0;

/** Whether a value is a promise, of whichever context. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** A value that code can set for a body. */
export class Scoped<V> {
  constructor(private plain: V) {}

  /** The value for the running code. */
  get value(): V {
    return pending === 0 ? this.plain : this.found();
  }

  private found(): V {
    const scope = this.scope();
    return scope === null ? this.plain : (scope.value as V);
  }

  /** The innermost body around the running code that set this value. */
  private scope(): Scope | null {
    let scope = scopes.getStore() ?? null;
    while (scope !== null && !(scope.open && scope.owner === this)) scope = scope.outer;
    return scope;
  }

  /** Sets the value until it is set again or the body around ends. */
  set(value: V): void {
    const scope = this.scope();
    if (scope !== null) scope.value = value;
    if (scope === null || scope.starting) this.plain = value;
  }

  /** Sets the value, and gives back what sets it as it was. */
  enter(value: V): () => void {
    const before = this.value;
    this.set(value);
    return () => this.set(before);
  }

  /** Runs `body` with a value, to the end of its promise when it gives one. Returns what `body` returns. */
  during<T>(value: V, body: () => T): T {
    const outer = scopes.getStore() ?? null;
    const scope: Scope = { owner: this, value, outer, open: true, starting: true };
    const before = this.plain;
    this.plain = value;
    let result: T;
    try {
      result = scopes.run(scope, body);
    } catch (error) {
      scope.open = false;
      throw error;
    } finally {
      scope.starting = false;
      this.plain = before;
    }
    if (isThenable(result)) {
      pending++;
      const end = () => {
        pending--;
        scope.open = false;
      };
      result.then(end, end);
    } else scope.open = false;
    return result;
  }

  /** The same for a body that is known to give no promise, without an asynchronous context where none is needed. */
  whileSync<T>(value: V, body: () => T): T {
    if (pending !== 0) return this.during(value, body);
    const before = this.plain;
    this.plain = value;
    try {
      return body();
    } finally {
      this.plain = before;
    }
  }
}
