// Runs converted cells on tslab's executor and keeps their variables. A cell's names are accessors to the variables of the cell
// that declared them, so functions and later cells see one value.

import { dirname, relative } from "node:path";
import type { Converter, ConvertResult } from "tslab/dist/converter";
import type { ConsoleInterface, Executor } from "tslab/dist/executor";
import { carryVariables } from "../../../core/carry/settings";
import type { MimeBundle } from "../../../core/display/host";
import { checkNames, movedIn } from "../check-names";
import { formsOf } from "./forms";
import { prepareImports } from "./imports";
import { Interrupted, Interrupts } from "./interrupts";
import { loadPrelude } from "./library";
import { resetClocks } from "../magics/clock";
import { createMagics } from "../magics/runtime";
import { stopCommands } from "../magics/shell";
import { describeVariables } from "../magics/variables";
import { type Operators, operators } from "../operators/runtime";
import { bundleOf } from "./output";
import { reload } from "./modules";
import { preludeNames } from "../prelude-names";
import type { Payload, SessionError, Variable } from "../protocol";
import { Results } from "./results";
import { addScript } from "./stacks";
import { describeError, interruptError, unsettledWait } from "./traceback";
import { loadExecutor } from "./tslab-executor";
import { addModules, isShared } from "./user-modules";
import type { ConvertedModule, RunRequest } from "../wire";

/**
 * `bundle` is null when there is nothing to show; `kept`: the value is one of the results now; `dropped` names what a failed cell
 * declared but never gave a value.
 */
export type Outcome = { bundle: MimeBundle | null; kept: boolean } | { error: SessionError; dropped: string[] };

/** What compiled cells find as a global. */
interface CellScope {
  exports: Record<string, unknown>;
  /**
   * Makes the names of a cell known, and those declared by `var`. The global `moved` becomes true when a later cell declares one of them
   * again.
   */
  bind(accessors: object, vars: readonly string[], moved?: string): void;
  operators: Operators;
}

/** The accessor of a name in the cell that declares it, and the one of before. */
interface Replaced {
  own: PropertyDescriptor;
  before: PropertyDescriptor | undefined;
}

/** The cell that runs, and what to do at its end. */
interface Running {
  label: string;
  end(outcome: Outcome): void;
  leave?(): void;
  /** It has run, and its value is awaited: takes the promise itself for the value. */
  settle?(): void;
}

/** The exit status of a program ended by an interrupt, as shells give it. */
const interruptStatus = 130;

export class Evaluator {
  private readonly variables: Record<string, unknown> = {};
  private readonly results = new Results(this.variables);
  private lastError: readonly string[] = [];
  private readonly executor: Executor;
  readonly interrupts: Interrupts;
  private count = 0;
  /** The running cell has forgotten all variables. */
  wasReset = false;
  private next: ConvertResult = { diagnostics: [] };
  private thrown: unknown;
  private running: Running | null = null;
  /** A program has come to its end, and what it left behind goes on. */
  private lingers = false;
  /** The names of the running cell, and what they meant before it. */
  private replaced = new Map<string, Replaced>();
  /** What tracebacks call the cell that declared each name. */
  private readonly declaredIn = new Map<string, string>();
  /** The global that tells the cell which declared a name last that it has lost it. */
  private readonly flags = new Map<string, string | undefined>();

  constructor(
    private readonly root: string,
    private readonly display: "rich" | "text",
    tell: { payload(payload: Payload): void; checks(on: boolean): void },
  ) {
    const node = { convert: () => this.next } as Partial<Converter> as Converter;
    const report = {
      error: (error: unknown) => {
        this.thrown = error;
      },
    } as ConsoleInterface;
    this.executor = loadExecutor()(root, { node, browser: node, close: () => {} }, report);
    this.interrupts = new Interrupts(() => this.stop());
    const scope: CellScope = {
      exports: this.variables,
      bind: (accessors, vars, moved) => this.bind(accessors, vars, moved),
      operators,
    };
    Object.assign((globalThis as typeof globalThis & { __tslab__: CellScope }).__tslab__, scope);
    carryVariables(this.variables, require.resolve("../operators/worker"));
    const magics = createMagics({
      variables: this.variables,
      results: this.results,
      payload: tell.payload,
      check: tell.checks,
      reset: () => this.reset(),
      lastError: () => this.lastError,
    });
    Object.defineProperty(globalThis, "$magics", { value: magics, configurable: true });
    this.declarePrelude();
  }

  /** Forgets all variables and results. */
  private reset(): void {
    for (const name of Object.getOwnPropertyNames(this.variables)) Reflect.deleteProperty(this.variables, name);
    this.replaced = new Map();
    this.declaredIn.clear();
    this.flags.clear();
    this.wasReset = true;
    this.declarePrelude();
    this.results.clear();
  }

  private declarePrelude(): void {
    for (const name of preludeNames) this.declareLazily(name);
  }

  /**
   * Runs one cell and calls `end` once: when it has come to its end, with a promise as its last value awaited, or when it was
   * stopped. Code of a stopped cell may still be waiting; its end is ignored.
   */
  async run(request: RunRequest, end: (outcome: Outcome) => void): Promise<void> {
    const { cell, label, source, inputs, converted } = request;
    const script = `cresset-cell-${++this.count}.js`;
    addScript(script, { label, source: () => source, mapped: converted, added: [1, 1, 1] });
    const edited = addModules(converted.modules);
    this.replaced = new Map();
    this.wasReset = false;
    this.lastError = request.lastError;
    for (const [number, text] of inputs) this.results.inputs[number] = text;
    const code = converted.code.replaceAll(checkNames.moved, movedIn(this.count));
    this.next = {
      output: `"use strict";\n${code}\n//# sourceURL=${script}`,
      diagnostics: [],
      hasToplevelAwait: converted.async,
    };
    const run: Running = { label, end, leave: request.program && enterProgram(request.program) };
    this.running = run;
    this.interrupts.enter(request.run, label);
    let outcome: Outcome;
    try {
      for (const line of converted.kept) process.stderr.write(`${line}\n`);
      if (edited.length > 0) await this.reload(edited);
      if (converted.imports.length > 0) await prepareImports(converted.imports, this.root);
      // Stopped while it loaded.
      if (this.running !== run) return;
      if (!(await this.executor.execute(""))) throw this.thrown;
      const last = await settled(this.take(converted.lastExpression), run);
      outcome = await this.result(last.value, cell, converted.hidden);
    } catch (error) {
      // An error is not kept: what hangs on it may be large.
      this.thrown = undefined;
      if (this.running !== run) return;
      outcome = this.failed(error instanceof Interrupted ? interruptError(label, error) : describeError(error));
    }
    if (this.running === run) this.finish(outcome);
  }

  /** Loads edited modules again, and says so. */
  private async reload(edited: readonly ConvertedModule[]): Promise<void> {
    const tell = (said: string, modules: readonly ConvertedModule[]): void => {
      const names = modules.map(({ source }) => relative(this.root, source)).join(", ");
      if (names !== "") process.stderr.write(`${said}: ${names}\n`);
    };
    tell("Loaded again, since edited", edited.filter(isShared));
    tell(
      "Edited; import again what CommonJS exports now",
      edited.filter((module) => !isShared(module)),
    );
    await reload(edited);
  }

  /** Shows and remembers the value of a cell. A value that is not shown is remembered all the same. */
  private async result(value: unknown, cell: number | null, hidden: boolean): Promise<Outcome> {
    const bundle = await bundleOf(value, this.display);
    const kept =
      cell !== null && bundle !== null && this.results.add(cell, value, String(bundle?.["text/plain"] ?? ""));
    return { bundle: hidden ? null : bundle, kept };
  }

  /** The program that ran has come to its end: what is left of it is stopped as `run`, which ends the process. */
  linger(run: number): void {
    this.lingers = true;
    this.running = { label: "The program", end: () => process.exit(interruptStatus) };
    this.interrupts.linger(run, this.running.label);
  }

  /**
   * Nothing is left that the running program could wait for. When its value is a promise, that is its value as it stands; when the
   * program itself waits, this gives the lines to show of it.
   */
  async stalled(): Promise<string[] | undefined> {
    this.running?.settle?.();
    if (!this.isUnderWay) return undefined;
    const place = new Error();
    await this.interrupts.locate(place);
    return unsettledWait(place);
  }

  /** Whether a cell runs that has not come to its value. */
  get isUnderWay(): boolean {
    return this.running !== null && !this.running.settle && !this.lingers;
  }

  /** What the variables of cells are. */
  variableList(): Variable[] {
    return describeVariables(this.variables, (name) => this.declaredIn.get(name) ?? "");
  }

  /** The forms of a variable's value, or null when there is no such variable. */
  async preview(name: string): Promise<MimeBundle | null> {
    return Object.hasOwn(this.variables, name) ? formsOf(this.variables[name]) : null;
  }

  private take(name: string | undefined): unknown {
    if (name === undefined) return undefined;
    const value = this.variables[name];
    delete this.variables[name];
    return value;
  }

  /** Ends the running cell now. May be struck by a termination at any point, and is then called again. */
  private stop(): void {
    if (this.running) this.finish(this.failed(interruptError(this.running.label)));
  }

  private finish(outcome: Outcome): void {
    this.running?.leave?.();
    this.running?.end(outcome);
    this.running = null;
    resetClocks();
    for (const [name, { before, own }] of this.replaced) if (before && hasValue(own)) this.declared(name, own);
    // The values of before are held no longer.
    this.replaced = new Map();
    const interrupted = "error" in outcome && outcome.error.kind === "interrupt";
    if (interrupted) stopCommands();
    this.interrupts.leave(interrupted);
  }

  private failed(error: SessionError): Outcome {
    const dropped: string[] = [];
    for (const [name, { before, own }] of this.replaced) {
      if (hasValue(own)) continue;
      dropped.push(name);
      if (before) Object.defineProperty(this.variables, name, before);
      else delete this.variables[name];
    }
    return { error, dropped };
  }

  /** A global that was never written is a constant to V8, which reads nothing for it in optimized code. */
  private bind(accessors: object, vars: readonly string[], moved?: string): void {
    if (moved !== undefined) Object.defineProperty(globalThis, moved, { value: false, writable: true });
    for (const [name, accessor] of Object.entries(Object.getOwnPropertyDescriptors(accessors))) {
      const before = Object.getOwnPropertyDescriptor(this.variables, name);
      this.replaced.set(name, { before, own: accessor });
      // As in one program, a second `var` keeps the value.
      if (before && vars.includes(name) && this.declaredIn.has(name)) accessor.set?.(before.get?.());
      Object.defineProperty(this.variables, name, before ? this.untilDeclared(name, accessor, before) : accessor);
      this.declaredIn.set(name, this.running?.label ?? "");
      const flag = this.flags.get(name);
      if (flag !== undefined) Reflect.set(globalThis, flag, true);
      this.flags.set(name, moved);
    }
  }

  /** A name that functions of earlier cells use before its cell has come to the declaration: until then it means what it did. */
  private untilDeclared(name: string, own: PropertyDescriptor, before: PropertyDescriptor): PropertyDescriptor {
    const first = <T>(now: () => T, earlier: () => T): T => {
      if (!hasValue(own)) return earlier();
      this.declared(name, own);
      return now();
    };
    return {
      ...own,
      get: () =>
        first(
          () => own.get?.(),
          () => before.get?.(),
        ),
      set:
        own.set &&
        ((value: unknown) =>
          first(
            () => own.set?.(value),
            () => before.set?.(value),
          )),
    };
  }

  /** From now on a name is that of its cell, unless it is gone or another one's. */
  private declared(name: string, own: PropertyDescriptor): void {
    if (Object.hasOwn(this.variables, name) && this.replaced.get(name)?.own === own)
      Object.defineProperty(this.variables, name, own);
  }

  private declareLazily(name: string): void {
    Object.defineProperty(this.variables, name, {
      get: () => loadPrelude()[name as keyof ReturnType<typeof loadPrelude>],
      configurable: true,
      enumerable: true,
    });
  }
}

/** A `const`, `let` or class that was not reached throws when it is read. */
function hasValue({ get }: PropertyDescriptor): boolean {
  try {
    get?.();
    return true;
  } catch {
    return false;
  }
}

/** The value of a cell: what the promise that it ends with comes to. */
function settled(value: unknown, run: Running): Promise<{ value: unknown }> {
  const given = new Promise<{ value: unknown }>((resolve) => {
    run.settle = () => resolve({ value });
  });
  return Promise.race([Promise.resolve(value).then((value) => ({ value })), given]);
}

/** `%run`: the file sees its own path and arguments; the function that is returned puts back what cells see. */
function enterProgram([file, ...args]: string[]): () => void {
  const before = process.argv;
  const folder: unknown = Reflect.get(globalThis, "__dirname");
  process.argv = [before[0], file, ...args];
  Object.assign(globalThis, { __filename: file, __dirname: dirname(file) });
  return () => {
    process.argv = before;
    Reflect.deleteProperty(globalThis, "__filename");
    Object.assign(globalThis, { __dirname: folder });
  };
}
