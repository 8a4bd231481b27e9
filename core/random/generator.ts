// The random generator: mt19937 with PyTorch's CPU streams. Its whole state is one tensor of bytes in the layout of
// torch.get_rng_state(), which the random kernels advance; saving and restoring it copies bytes.

import { randomBytes } from "node:crypto";
import { call, copyInto, copyOf } from "../dispatch";
import { ArgumentError, CressetError, DTypeError } from "../errors";
import { addon } from "../native";
import { Scoped } from "../scoped";
import { computePending } from "../tensor/pending";
import { cpu, type Device, requireDevice } from "../tensor/device";
import { uint8 } from "../tensor/dtype";
import { empty, Tensor } from "../tensor/tensor";

/** A seed: a whole number in [−2^63, 2^64); bigints beyond 2^53. */
export type Seed = number | bigint;

const STATE_BYTES = 5056;
const WORDS = 624;
const DEFAULT_SEED = 67280421310721n;
const MASK_32 = 0xffffffffn;

/** The upper and lower 32 bits of a whole number modulo 2^64, as the random kernels take numbers. */
export function halves(value: bigint): [high: number, low: number] {
  const bits = BigInt.asUintN(64, value);
  return [Number(bits >> 32n), Number(bits & MASK_32)];
}

function readSeed(seed: unknown): bigint {
  if (typeof seed !== "bigint" && !(typeof seed === "number" && Number.isInteger(seed))) {
    throw new ArgumentError(
      `manual_seed(): argument 'seed' must be int, not ${typeof seed === "number" ? "float" : typeof seed}`,
    );
  }
  const value = BigInt(seed);
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ArgumentError("Overflow when unpacking long");
  return BigInt.asUintN(64, value);
}

/** A 64-bit number as JavaScript's: a bigint only beyond 2^53. */
function plain(value: bigint): Seed {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** A stream of random numbers of its own, as `torch.Generator`. A new one has the seed 67280421310721. */
export class Generator {
  private readonly bytes: Tensor = empty([STATE_BYTES], uint8);

  /** @internal The bytes of the state; kernels advance them. */
  get state(): Tensor {
    const state = this === global ? (stream.value ?? this.bytes) : this.bytes;
    state.storage.written();
    return state;
  }

  /** `device`: "cpu" (default). Throws DeviceError for a device that is absent. */
  constructor(device?: Device | string) {
    if (device !== undefined) requireDevice(device);
    this.reseed(DEFAULT_SEED);
  }

  private reseed(seed: bigint): void {
    call("randomSeed", [this.state], halves(seed));
  }

  private header(): DataView {
    const bytes = new Uint8Array(24);
    computePending();
    addon.readBytes(this.state.storage.slot, this.state.storage.byteOffset, bytes.length, bytes);
    return new DataView(bytes.buffer);
  }

  /** Where the generator lives. */
  get device(): Device {
    return cpu;
  }

  /** Starts the stream of a seed; negative seeds count modulo 2^64. Returns the generator. Source: torch.Generator.manual_seed. */
  manualSeed(seed: Seed): this {
    this.reseed(readSeed(seed));
    return this;
  }

  /** Starts the stream of a seed that nobody can foresee, and returns that seed. Source: torch.Generator.seed. */
  seed(): Seed {
    const seed = randomBytes(8).readBigUInt64LE() >> 11n;
    this.reseed(seed);
    return plain(seed);
  }

  /** The seed that started the stream. Source: torch.Generator.initial_seed. */
  initialSeed(): Seed {
    return plain(this.header().getBigUint64(0, true));
  }

  /** The whole state as 5,056 bytes (uint8). Source: torch.Generator.get_state. */
  getState(): Tensor {
    return copyOf(this.state);
  }

  /** Continues from a state that `getState` gave. Throws for other tensors, in PyTorch's words. Source: torch.Generator.set_state. */
  setState(newState: Tensor): void {
    if (!(newState instanceof Tensor) || newState.dtype !== uint8)
      throw new DTypeError("RNG state must be a torch.ByteTensor");
    if (newState.numel() !== STATE_BYTES) {
      throw new CressetError(
        `Expected either a CPUGeneratorImplStateLegacy of size 5048 or a CPUGeneratorImplState of size ${STATE_BYTES} but found the input RNG state size to be ${newState.numel()}`,
      );
    }
    const previous = copyOf(this.state);
    copyInto(this.state, newState.detach().reshape([STATE_BYTES]));
    const header = this.header();
    const left = header.getInt32(8, true);
    const valid =
      header.getInt32(12, true) === 1 && left > 0 && left <= WORDS && header.getBigUint64(16, true) <= BigInt(WORDS);
    if (valid) return;
    copyInto(this.state, previous);
    throw new CressetError("Invalid mt19937 state");
  }
}

let global: Generator | null = null;

/** The state of the default generator for a body that has a stream of its own. */
const stream = new Scoped<Tensor | null>(null);

/** Runs `body`, which may be async, with the default generator at `state`; its draws advance that and nothing else. */
export function withStream<T>(state: Tensor, body: () => T): T {
  return stream.during(state, body);
}

/** The generator of everything that names none. Seeded unpredictably at first use, as PyTorch's. Source: torch.default_generator. */
export function defaultGenerator(): Generator {
  if (global === null) {
    global = new Generator();
    global.seed();
  }
  return global;
}

/** The state tensor to draw from: a given generator's, or the default one's. */
export function stateOf(generator: Generator | null | undefined): Tensor {
  if (generator === null || generator === undefined) return defaultGenerator().state;
  if (generator instanceof Generator) return generator.state;
  throw new ArgumentError(`argument 'generator' must be torch.Generator, not ${typeof generator}`);
}
