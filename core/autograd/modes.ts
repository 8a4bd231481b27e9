// Whether operations are recorded for backward.

import { signed } from "../arguments/signed";
import { inspectSymbol } from "../inspect";
import { type Ending, withEntry } from "../disposable";
import { Scoped } from "../scoped";

const enabled = new Scoped(true);

/** Whether operations record their graph now (PyTorch: `torch.is_grad_enabled`). */
export function isGradEnabled(): boolean {
  return enabled.value;
}

/**
 * Turns recording on or off until changed again, inside `noGrad` and its like to their end; `using _ = torch.setGradEnabled(false)` to
 * the end of a block (PyTorch: `torch.set_grad_enabled`).
 */
export const setGradEnabled = signed("def setGradEnabled(bool mode)", setGradEnabledTo);

function setGradEnabledTo(mode: boolean): Ending {
  return shownAs(`setGradEnabled(${mode})`, { [Symbol.dispose]: enabled.enter(mode) });
}

/** A mode, shown as the call that gives it. */
function shownAs<T extends object>(call: string, mode: T): T {
  return Object.defineProperty(mode, inspectSymbol, { value: () => `<torch.${call}>` });
}

/** Runs a synchronous `body` in a mode and restores the previous one. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  return enabled.whileSync(mode, body);
}

/** Wraps a function or method so that its body runs in a mode: a decorator, also of the kind before ECMAScript's. */
interface Decorator {
  <F>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<F>): void;
  <A extends unknown[], R>(method: (...args: A) => R, context?: unknown): (...args: A) => R;
}

interface GradMode {
  <T>(body: () => T): T;
  (): Decorator & Ending;
}

type Method = (...args: unknown[]) => unknown;

function gradMode(name: string, mode: boolean): GradMode {
  const wrapped = (method: Method): Method =>
    function (this: unknown, ...args) {
      return enabled.during(mode, () => method.apply(this, args));
    };
  const decorate = (method: unknown, _context?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor === undefined) return wrapped(method as Method);
    descriptor.value = wrapped(descriptor.value);
    return undefined;
  };
  const enter = (body?: () => unknown): unknown => {
    if (body !== undefined) return enabled.during(mode, body);
    return shownAs(
      `${name}()`,
      withEntry(decorate.bind(undefined), () => enabled.enter(mode)),
    );
  };
  return enter as GradMode;
}

/**
 * Runs a function without recording its operations and returns its result: `torch.noGrad(() => model(x))`. Without an argument
 * it gives a decorator, `@torch.noGrad()`, and a mode for the rest of a block, `using _ = torch.noGrad();` (PyTorch: `torch.no_grad`). An
 * async function keeps the mode until its promise settles, whatever runs in between.
 */
export const noGrad: GradMode = gradMode("noGrad", false);

/** Records inside `noGrad` (PyTorch: `torch.enable_grad`). Function, decorator and mode of a block, as `noGrad`. */
export const enableGrad: GradMode = gradMode("enableGrad", true);

/** As `noGrad` (PyTorch: `torch.inference_mode`; results here are ordinary tensors). */
export const inferenceMode: GradMode = gradMode("inferenceMode", false);
