// Whether operations are recorded for backward.

import { Scoped } from "../scoped";

const enabled = new Scoped(true);

/** Whether operations record their graph now (PyTorch: `torch.is_grad_enabled`). */
export function isGradEnabled(): boolean {
  return enabled.value;
}

/** Turns recording on or off until changed again, inside `noGrad` and its like to their end (PyTorch: `torch.set_grad_enabled`). */
export function setGradEnabled(mode: boolean): void {
  enabled.set(mode);
}

/** Runs a synchronous `body` in a mode and restores the previous one. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  return enabled.whileSync(mode, body);
}

/** Wraps a function or method so that its body runs in a mode. */
type Decorator = <A extends unknown[], R>(method: (...args: A) => R, context?: unknown) => (...args: A) => R;

interface GradMode {
  <T>(body: () => T): T;
  (): Decorator;
}

function gradMode(mode: boolean): GradMode {
  function enter<T>(body?: () => T): T | Decorator {
    if (body !== undefined) return enabled.during(mode, body);
    return (method) =>
      function (this: unknown, ...args) {
        return enabled.during(mode, () => method.apply(this, args));
      };
  }
  return enter as GradMode;
}

/**
 * Runs a function without recording its operations and returns its result: `torch.noGrad(() => model(x))`. Without an argument
 * it gives a decorator: `@torch.noGrad()` (PyTorch: `torch.no_grad`). An async function keeps the mode until its promise settles, whatever runs in between.
 */
export const noGrad: GradMode = gradMode(false);

/** Records inside `noGrad` (PyTorch: `torch.enable_grad`). Function and decorator, as `noGrad`. */
export const enableGrad: GradMode = gradMode(true);

/** As `noGrad` (PyTorch: `torch.inference_mode`; results here are ordinary tensors). */
export const inferenceMode: GradMode = gradMode(false);
