// torch.utils.checkpoint: parts of a network that keep nothing for backward, which computes them again.

import { caching, modes } from "../amp/state";
import { backward } from "../autograd/backward";
import { isFullBackward } from "../autograd/engine";
import { CustomFunction, type FunctionCtx } from "../autograd/function";
import { savedHooks } from "../autograd/node";
import { isGradEnabled, withGradMode } from "../autograd/modes";
import { ArgumentError, AutogradError } from "../errors";
import { Sequential } from "../nn/containers";
import { forkRng, getRngState, setRngState } from "../random";
import { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** Whether random numbers are drawn again as they were the first time. Default true. */
  preserveRngState?: boolean;
  /** Whether backward of the part is a pass of its own, which only a whole `backward()` can run. Default true. */
  useReentrant?: boolean;
}

type Body = (...args: never[]) => unknown;

/** What the first run of a part found: streams of random numbers and autocast are brought back for the second. */
function surroundings(preservesRng: boolean): <T>(body: () => T) => T {
  const state = preservesRng ? getRngState() : null;
  const [cpu, cuda, caches] = [modes.cpu.value, modes.cuda.value, caching.value];
  return (body) => {
    const cast = () => modes.cpu.during(cpu, () => modes.cuda.during(cuda, () => caching.during(caches, body)));
    const recorded = () => withGradMode(true, cast);
    if (state === null) return recorded();
    return forkRng(() => {
      setRngState(state);
      return recorded();
    });
  };
}

class CheckpointFunction extends CustomFunction {
  static forward(ctx: FunctionCtx, run: Body, preservesRng: boolean, ...args: unknown[]): Tensor | Tensor[] {
    if (!args.some((x) => x instanceof Tensor && x.requiresGrad)) {
      warn("None of the inputs have requires_grad=True. Gradients will be None");
    }
    ctx.run = run;
    ctx.again = surroundings(preservesRng);
    ctx.args = args.map((x) => (x instanceof Tensor ? null : x));
    ctx.at = [...args.keys()].filter((k) => args[k] instanceof Tensor);
    ctx.saveForBackward(...args.filter((x) => x instanceof Tensor));
    return Reflect.apply(run, undefined, args) as Tensor | Tensor[];
  }

  static backward(ctx: FunctionCtx, ...grads: Tensor[]): (Tensor | null)[] {
    if (!isFullBackward()) {
      throw new AutogradError(
        "Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward(). Please use .backward() and do not pass its `inputs` argument.",
      );
    }
    const args = [...(ctx.args as unknown[])];
    (ctx.at as number[]).forEach((at, k) => {
      const saved = ctx.savedTensors[k];
      args[at] = saved.detach().requiresGrad_(saved.requiresGrad);
    });
    const again = ctx.again as ReturnType<typeof surroundings>;
    const given = again(() => Reflect.apply(ctx.run as Body, undefined, args));
    const outputs: unknown[] = Array.isArray(given) ? given : [given];
    const kept = outputs.flatMap((y, k) => (y instanceof Tensor && y.requiresGrad ? [{ y, grad: grads[k] }] : []));
    if (kept.length === 0) {
      throw new AutogradError("none of output has requires_grad=True, this checkpoint() is not necessary");
    }
    backward(
      kept.map(({ y }) => y),
      kept.map(({ grad }) => grad),
    );
    return [null, null, ...args.map((x) => (x instanceof Tensor ? x.grad : null))];
  }
}

/** A checkpoint within one backward pass: what is saved is a number, and the first that is read computes all again. */
function withoutReentrance(run: () => unknown, preservesRng: boolean): unknown {
  const again = surroundings(preservesRng);
  let count = 0;
  const found = new Map<number, Tensor>();
  const recompute = (): void => {
    let at = 0;
    const refuse = (): never => {
      throw new AutogradError("You are calling backwards on a tensor that is never exposed. Please open an issue.");
    };
    const keep = { pack: (tensor: Tensor) => found.set(at++, tensor), unpack: refuse };
    again(() => savedHooks.during(keep, run));
  };
  const hooks = {
    pack: (): number => count++,
    unpack: (packed: unknown): Tensor => {
      if (found.size === 0) recompute();
      const tensor = found.get(packed as number);
      if (tensor === undefined) {
        throw new AutogradError(
          "Attempt to retrieve a tensor saved by autograd multiple times without checkpoint recomputation being triggered in between, this is not currently supported. Please open an issue with details on your use case so that we can prioritize adding this.",
        );
      }
      found.delete(packed as number);
      return tensor;
    },
  };
  return savedHooks.during(hooks, run);
}

/** `checkpoint`: the function's arguments, then options where the last argument has one of their names. */
interface Checkpoint {
  <A extends unknown[], R>(func: (...args: A) => R, ...args: A): R;
  <A extends unknown[], R>(func: (...args: A) => R, ...args: [...A, CheckpointOptions]): R;
}

function isOptions(value: unknown): value is CheckpointOptions {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return "preserveRngState" in value || "useReentrant" in value;
}

/**
 * What `func` gives for the arguments, without keeping what its operations save: backward runs `func` again. Options, in a last plain
 * object: `preserveRngState` (true), `useReentrant` (true: at least one argument has to require grad, and only `backward()` without
 * `inputs` goes back). Throws AutogradError in backward otherwise. Source: torch.utils.checkpoint.checkpoint.
 */
export const checkpoint = ((func: Body, ...given: unknown[]): unknown => {
  if (typeof func !== "function") throw new ArgumentError("checkpoint(): argument 'function' must be a function");
  const last = given[given.length - 1];
  const { preserveRngState = true, useReentrant = true } = isOptions(last) ? last : {};
  const args = isOptions(last) ? given.slice(0, -1) : given;
  if (!isGradEnabled()) return Reflect.apply(func, undefined, args);
  if (useReentrant) return CheckpointFunction.apply(func, preserveRngState, ...args);
  return withoutReentrance(() => Reflect.apply(func, undefined, args), preserveRngState);
}) as Checkpoint;

/** A function of one tensor: a module, or any other. */
type Step = (input: Tensor) => Tensor;

/**
 * Runs functions, or the modules of a Sequential, one after another in so many segments, each but the last by `checkpoint`. Options:
 * `preserveRngState` (true). Source: torch.utils.checkpoint.checkpoint_sequential.
 */
export function checkpointSequential(
  functions: Sequential | readonly Step[],
  segments: number,
  input: Tensor,
  options: Pick<CheckpointOptions, "preserveRngState"> = {},
): Tensor {
  const { preserveRngState = true } = options;
  const steps = (functions instanceof Sequential ? [...functions] : functions) as readonly Step[];
  const part =
    (from: number, to: number): Step =>
    (x) =>
      steps.slice(from, to).reduce((y, step) => step(y), x);
  const size = Math.floor(steps.length / segments);
  let at = 0;
  let x = input;
  for (; at < size * (segments - 1); at += size) x = checkpoint(part(at, at + size), x, { preserveRngState });
  return part(at, steps.length)(x);
}
