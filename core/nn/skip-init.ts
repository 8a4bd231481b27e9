// Modules without the drawing of their first weights.

import { isOptions } from "../arguments/arguments";
import { signaturesOf } from "../arguments/signed";
import { CressetError } from "../errors";
import type { Device } from "../tensor/device";
import { typeName } from "../tensor/python-text";
import { Module } from "./module";

/**
 * Makes a module of a class whose parameters have undefined contents, and draws no random numbers. The class must take the option
 * `device`. Throws CressetError for another class. Source: torch.nn.utils.skip_init.
 */
export function skipInit<M extends Module>(moduleCls: new (...args: never[]) => M, ...args: unknown[]): M {
  if (typeof moduleCls !== "function" || !(moduleCls.prototype instanceof Module)) {
    throw new CressetError(`Expected a Module; got ${typeName(moduleCls)}`);
  }
  if (!signaturesOf(moduleCls).some(({ parameters }) => parameters.some(({ name }) => name === "device"))) {
    throw new CressetError("Module must support a 'device' arg to skip initialization");
  }
  const last = args[args.length - 1];
  const options: { device?: Device | string | null } = isOptions(last) ? last : {};
  const positional = isOptions(last) ? args.slice(0, -1) : args;
  const made: M = Reflect.construct(moduleCls, [...positional, { ...options, device: "meta" }]);
  return made.toEmpty({ device: options.device ?? "cpu" });
}
