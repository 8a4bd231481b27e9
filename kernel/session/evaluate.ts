// Runs converted cells on tslab's executor and keeps their variables. A cell's names are accessors to the variables of the cell
// that declared them, so functions and later cells see one value.

import { join } from "node:path";
import type { Converter, ConvertResult } from "tslab/dist/converter";
import type { ConsoleInterface, ConverterSet, Executor } from "tslab/dist/executor";
import { Interrupted, Interrupts } from "./interrupts";
import { addModules } from "./modules";
import { preludeNames } from "./prelude-names";
import type { SessionError } from "./protocol";
import { addScript } from "./stacks";
import { describeError, interruptError } from "./traceback";
import type { RunRequest } from "./wire";

export type Outcome = { value: unknown } | { error: SessionError; dropped: string[] };

/** What compiled cells find as a global. */
interface CellScope {
  exports: Record<string, unknown>;
  bind(accessors: object): void;
}

const preludePath = join(__dirname, "prelude.js");

/** Loads the library with the names that every cell has. */
export function loadPrelude(): Record<string, unknown> {
  return require(preludePath);
}

export class Evaluator {
  private readonly variables: Record<string, unknown> = {};
  private readonly executor: Executor;
  private readonly interrupts: Interrupts;
  private count = 0;
  private next: ConvertResult = { diagnostics: [] };
  private thrown: { error: unknown } | null = null;
  /** What the names of the running cell meant before it. */
  private replaced = new Map<string, PropertyDescriptor | undefined>();

  constructor(root: string) {
    const node = { convert: () => this.next } as Partial<Converter> as Converter;
    const report = {
      error: (error: unknown) => {
        this.thrown = { error };
      },
    } as ConsoleInterface;
    this.executor = loadExecutor()(root, { node, browser: node, close: () => {} }, report);
    this.interrupts = new Interrupts(() => this.executor.interrupt());
    Object.assign((globalThis as typeof globalThis & { __tslab__: CellScope }).__tslab__, {
      exports: this.variables,
      bind: (accessors: object) => this.bind(accessors),
    });
    for (const name of preludeNames) this.declareLazily(name);
  }

  /** Runs one cell; a promise as its last value is awaited. */
  async run({ label, source, converted }: RunRequest): Promise<Outcome> {
    const script = `cresset-cell-${++this.count}.js`;
    addScript(script, { label, source: () => source, mapped: converted, added: [1, 1, 1] });
    addModules(converted.modules);
    this.replaced = new Map();
    this.thrown = null;
    this.next = {
      output: `"use strict";\n${converted.code}\n//# sourceURL=${script}`,
      diagnostics: [],
      hasToplevelAwait: converted.async,
    };
    try {
      this.interrupts.enter("synchronous");
      const running = this.executor.execute("");
      this.interrupts.enter("after");
      if (!(await running)) return this.failed(label);
      return { value: await this.take(converted.lastExpression) };
    } catch (error) {
      this.thrown = { error };
      return this.failed(label);
    } finally {
      this.interrupts.enter("idle");
    }
  }

  private async take(name: string | undefined): Promise<unknown> {
    if (name === undefined) return undefined;
    const value = this.variables[name];
    delete this.variables[name];
    return value instanceof Promise ? await this.interrupts.race(value) : value;
  }

  private failed(label: string): Outcome {
    const dropped: string[] = [];
    for (const [name, before] of this.replaced) {
      if (this.hasValue(name)) continue;
      dropped.push(name);
      if (before) Object.defineProperty(this.variables, name, before);
      else delete this.variables[name];
    }
    const error = this.thrown?.error;
    this.thrown = null;
    if (!wasInterrupted(error)) return { error: describeError(error), dropped };
    this.interrupts.heard();
    return { error: interruptError(label), dropped };
  }

  /** A `const`, `let` or class that was not reached throws when it is read. */
  private hasValue(name: string): boolean {
    try {
      void this.variables[name];
      return true;
    } catch {
      return false;
    }
  }

  private bind(accessors: object): void {
    for (const [name, accessor] of Object.entries(Object.getOwnPropertyDescriptors(accessors))) {
      this.replaced.set(name, Object.getOwnPropertyDescriptor(this.variables, name));
      Object.defineProperty(this.variables, name, accessor);
    }
  }

  private declareLazily(name: string): void {
    Object.defineProperty(this.variables, name, {
      get: () => loadPrelude()[name],
      configurable: true,
      enumerable: true,
    });
  }
}

function wasInterrupted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code;
  return (
    error instanceof Interrupted || code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" || error.message === tslabInterrupt
  );
}

/** The message of the error with which tslab's executor rejects a cell that waits. */
const tslabInterrupt = "Interrupted asynchronously";

/**
 * tslab's executor without the compiler that it loads to look for comments such as `@module`: a tenth of a second and 50 MB that
 * this process has no other use for.
 */
function loadExecutor(): (root: string, converters: ConverterSet, console: ConsoleInterface) => Executor {
  const metadata = require.resolve("tslab/dist/metadata");
  const stand: Partial<NodeModule> = {
    id: metadata,
    filename: metadata,
    loaded: true,
    exports: { getCodeMetadata: () => ({}) },
  };
  require.cache[metadata] = stand as NodeModule;
  return require("tslab/dist/executor").createExecutor;
}
