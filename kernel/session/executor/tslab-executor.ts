// tslab's executor, made fit for this process.

import vm from "node:vm";
import type { ConsoleInterface, ConverterSet, Executor } from "tslab/dist/executor";

/**
 * Loads tslab's executor without the compiler that it loads to look for comments such as `@module`, a tenth of a second and 50 MB
 * that this process has no other use for, and without its way to stop code. A Ctrl-C in a terminal reaches this process, too, and
 * would terminate code, the next cell's if it comes late, beside the interrupt that throws an error.
 */
export function loadExecutor(): (root: string, converters: ConverterSet, console: ConsoleInterface) => Executor {
  const metadata = require.resolve("tslab/dist/metadata");
  const stand: Partial<NodeModule> = {
    id: metadata,
    filename: metadata,
    loaded: true,
    exports: { getCodeMetadata: () => ({}) },
  };
  require.cache[metadata] = stand as NodeModule;
  const { runInThisContext } = vm;
  vm.runInThisContext = (code, options) =>
    runInThisContext(code, typeof options === "object" ? { ...options, breakOnSigint: false } : options);
  return require("tslab/dist/executor").createExecutor;
}
