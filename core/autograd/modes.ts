// Whether operations are recorded for backward. One flag for the process: JavaScript runs one thing at a time.

let enabled = true;

/** Whether operations record their graph now (PyTorch: `torch.is_grad_enabled`). */
export function isGradEnabled(): boolean {
  return enabled;
}

/** Turns recording on or off until changed again (PyTorch: `torch.set_grad_enabled`). */
export function setGradEnabled(mode: boolean): void {
  enabled = mode;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Runs `body`, then `restore`; for an async body when its promise settles. */
export function bodyThen<T>(body: () => T, restore: () => void): T {
  let result: T;
  try {
    result = body();
  } catch (error) {
    restore();
    throw error;
  }
  if (isThenable(result)) result.then(restore, restore);
  else restore();
  return result;
}

/** Runs `body` in a mode and restores the previous one, for an async body when its promise settles. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  const previous = enabled;
  enabled = mode;
  return bodyThen(body, () => {
    enabled = previous;
  });
}

/** Wraps a function or method so that its body runs in a mode. */
type Decorator = <A extends unknown[], R>(method: (...args: A) => R, context?: unknown) => (...args: A) => R;

interface GradMode {
  <T>(body: () => T): T;
  (): Decorator;
}

function gradMode(mode: boolean): GradMode {
  function enter<T>(body?: () => T): T | Decorator {
    if (body !== undefined) return withGradMode(mode, body);
    return (method) =>
      function (this: unknown, ...args) {
        return withGradMode(mode, () => method.apply(this, args));
      };
  }
  return enter as GradMode;
}

/**
 * Runs a function without recording its operations and returns its result: `torch.noGrad(() => model(x))`. Without an argument
 * it gives a decorator: `@torch.noGrad()` (PyTorch: `torch.no_grad`). The mode of an async function lasts until its promise settles.
 */
export const noGrad: GradMode = gradMode(false);

/** Records inside `noGrad` (PyTorch: `torch.enable_grad`). Function and decorator, as `noGrad`. */
export const enableGrad: GradMode = gradMode(true);

/** As `noGrad` (PyTorch: `torch.inference_mode`; results here are ordinary tensors). */
export const inferenceMode: GradMode = gradMode(false);
