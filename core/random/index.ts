// torch.random: the default generator as functions.

import type { Tensor } from "../tensor/tensor";
import { defaultGenerator, type Generator, type Seed } from "./generator";

/** Starts the default generator's stream of a seed, and returns the generator. Source: torch.manual_seed. */
export function manualSeed(seed: Seed): Generator {
  return defaultGenerator().manualSeed(seed);
}

/** Starts an unpredictable stream and returns its seed. Source: torch.seed. */
export function seed(): Seed {
  return defaultGenerator().seed();
}

/** The seed of the default generator's stream. Source: torch.initial_seed. */
export function initialSeed(): Seed {
  return defaultGenerator().initialSeed();
}

/** The default generator's state as bytes. Source: torch.get_rng_state. */
export function getRngState(): Tensor {
  return defaultGenerator().getState();
}

/** Continues the default generator from a state that `getRngState` gave. Source: torch.set_rng_state. */
export function setRngState(newState: Tensor): void {
  defaultGenerator().setState(newState);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * Calls `body` and then puts the default generator back to where it was; for an async body when its promise settles. Returns
 * what `body` returns. Source: torch.random.fork_rng.
 */
export function forkRng<T>(body: () => T): T {
  const before = getRngState();
  let result: T;
  try {
    result = body();
  } catch (error) {
    setRngState(before);
    throw error;
  }
  const restore = () => setRngState(before);
  if (isPromise(result)) result.then(restore, restore);
  else restore();
  return result;
}
