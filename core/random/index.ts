// torch.random: the default generator as functions.

import { type Ending, withEntry } from "../disposable";
import { ArgumentError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { defaultGenerator, type Generator, type Seed, withStream } from "./generator";

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

/**
 * Calls `body`, whose draws from the default generator leave it where it was, also those of an async one. Returns what `body`
 * returns. Without a function the rest of a block does so: `using _ = torch.random.forkRng();`. Source: torch.random.fork_rng.
 */
export function forkRng<T>(body: () => T): T;
export function forkRng(): Ending;
export function forkRng(body?: () => unknown): unknown {
  if (body !== undefined) return withStream(getRngState(), body);
  return withEntry({}, () => {
    const state = getRngState();
    return () => setRngState(state);
  });
}

/**
 * Seeds every random stream of the library at once: values, initial weights, dropout, shuffling, and the workers of loaders, whose
 * seeds follow from it. Returns the seed. Throws ArgumentError unless it is a whole number below 2^32. The name is that of training
 * frameworks; PyTorch has `manual_seed`.
 */
export function seedEverything(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new ArgumentError(`${seed} is not in bounds, a seed is a whole number from 0 to 4294967295`);
  }
  manualSeed(seed);
  return seed;
}
