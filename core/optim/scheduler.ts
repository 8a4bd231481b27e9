// What all learning-rate schedules share, and schedules that are one formula for every group.

import { ArgumentError } from "../errors";
import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { snakeCase, typeName } from "../tensor/python-text";
import { warn } from "../warnings";
import { Optimizer } from "./optimizer";

/** An optimizer whose groups have a learning rate. */
export type Scheduled = Optimizer;

/** A group as schedules see it: learning rate, and what they keep there beside it. */
export type ScheduledGroup = Scheduled["paramGroups"][number];

/** A number that a group holds under a name, or undefined. */
export function numberIn(group: ScheduledGroup, name: string): number | undefined {
  const value: unknown = Reflect.get(group, name);
  return typeof value === "number" ? value : undefined;
}

/** What every schedule takes by name. */
export interface ScheduleOptions {
  /** The last epoch that was run. Default −1: start anew. */
  lastEpoch?: number;
  /** Whether every step prints the rates that it sets. Default false. */
  verbose?: boolean;
}

/** `ScheduleOptions` as signatures have them, behind everything else. */
export const SCHEDULE = "int lastEpoch=-1, bool verbose=False";

/** The values of `ScheduleOptions` in order. */
export type ScheduleTail = [lastEpoch?: number, verbose?: boolean];

/** What a schedule takes, all by name. */
export type NamedSchedule<O> = O & ScheduleOptions & { optimizer: Scheduled };

/** A rate as PyTorch's schedules print it: `5.0000e-02`. */
export function rateText(rate: number): string {
  return rate.toExponential(4).replace(/([+-])(\d)$/, "$10$2");
}

/** An epoch as PyTorch's schedules print it: `00003`, `1.50`. */
export function epochText(epoch: number): string {
  return Number.isInteger(epoch) ? String(epoch).padStart(5, "0") : epoch.toFixed(2);
}

/** One value for every group, or a list of one per group. Throws ArgumentError for another length. */
export function perGroup<T>(name: string, optimizer: Scheduled, value: T | readonly T[]): T[] {
  const count = optimizer.paramGroups.length;
  if (!Array.isArray(value)) return new Array<T>(count).fill(value as T);
  if (value.length !== count) throw new ArgumentError(`expected ${count} values for ${name}, got ${value.length}`);
  return [...value];
}

const CALLED_EARLY =
  "Detected call of `lrScheduler.step()` before `optimizer.step()`. You should call them in the opposite order: " +
  "`optimizer.step()` before `lrScheduler.step()`. Failure to do this will result in skipping the first value of the learning " +
  "rate schedule.";

/** Throws ArgumentError, in PyTorch's words, for what is no optimizer. */
export function requireOptimizer(value: unknown): void {
  if (!(value instanceof Optimizer)) throw new ArgumentError(`${typeName(value)} is not an Optimizer`);
}

/** Base of schedules (PyTorch: `torch.optim.lr_scheduler.LRScheduler`): `step()` after every epoch sets the learning rates. */
export abstract class LRScheduler {
  /** @internal */
  static readonly [signature] = new Signature(`def _LRScheduler(value optimizer, ${SCHEDULE})`);
  static {
    readsMethods(LRScheduler, "def _LRScheduler.step(float? epoch=None)");
  }

  readonly optimizer!: Scheduled;
  /** The learning rates that the schedule starts from. */
  baseLrs: number[] = [];
  lastEpoch: number;
  /** Whether every step prints the rates that it sets. */
  verbose: boolean;
  protected stepCount = 0;
  private lastLr: number[] = [];

  /** Subclasses call `start()` when their settings are in place. */
  constructor(optimizer: Scheduled, ...args: Arguments<ScheduleTail, ScheduleOptions>);
  constructor(options: NamedSchedule<object>);
  constructor(...args: unknown[]) {
    const { optimizer, lastEpoch, verbose } = LRScheduler[signature].complete<NamedSchedule<object>>(args);
    requireOptimizer(optimizer);
    Object.defineProperty(this, "optimizer", { value: optimizer, enumerable: false });
    this.lastEpoch = lastEpoch;
    this.verbose = verbose;
  }

  /** Takes the groups' initial rates and makes the first step. */
  protected start(): void {
    this.optimizer.paramGroups.forEach((group, k) => {
      if (numberIn(group, "initialLr") !== undefined) return;
      if (this.lastEpoch !== -1) {
        throw new ArgumentError(
          `"param 'initial_lr' is not specified in param_groups[${k}] when resuming an optimizer"`,
        );
      }
      Object.assign(group, { initialLr: group.lr });
    });
    this.baseLrs = this.optimizer.paramGroups.map((group) => numberIn(group, "initialLr") ?? group.lr);
    this.restart();
  }

  /** @internal Counts from the first step again. */
  restart(): void {
    this.optimizer.stepCount = 0;
    this.stepCount = 0;
    this.step();
  }

  /** The rates of the epoch `lastEpoch`, from the present ones: what a schedule of one's own defines (PyTorch: `get_lr`). */
  abstract getLr(): number[];

  /** The rates of the epoch `lastEpoch`, from the initial ones; where the schedule has such a form. */
  protected closedLr(): number[] | null {
    return null;
  }

  /** Goes on by one epoch, or to a given one. */
  step(epoch?: number | null | { epoch?: number | null }): void;
  step(epoch: number | null = null): void {
    if (this.stepCount === 1 && this.optimizer.stepCount === 0) warn(CALLED_EARLY);
    this.stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.take((epoch === null ? null : this.closedLr()) ?? this.getLr(), epoch ?? undefined);
  }

  /** Sets the rates of all groups; `epoch` is the one that was asked for. */
  protected take(values: readonly number[], epoch?: number): void {
    this.optimizer.paramGroups.forEach((group, k) => {
      group.lr = values[k];
      if (!this.verbose) return;
      const begin = epoch === undefined ? "Adjusting" : `Epoch ${epochText(epoch)}: adjusting`;
      console.log(`${begin} learning rate of group ${k} to ${rateText(group.lr)}.`);
    });
    this.remember();
  }

  /** Notes the present rates. */
  protected remember(): void {
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rates that the last step set (PyTorch: `get_last_lr`). */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** Settings and position for a checkpoint, by PyTorch's names; functions are left out. */
  stateDict(): { [name: string]: unknown } {
    const entries = Object.entries(this).filter(([, value]) => typeof value !== "function");
    return Object.fromEntries(entries.map(([name, value]) => [keyOf(name), value]));
  }

  /** Takes over what `stateDict` gave. */
  loadStateDict(state: { readonly [name: string]: unknown }): void {
    for (const name of Object.keys(this)) {
      if (keyOf(name) in state) Reflect.set(this, name, state[keyOf(name)]);
    }
  }
}

const PRIVATE: ReadonlySet<string> = new Set(["stepCount", "lastLr"]);
const keyOf = (name: string) => (PRIVATE.has(name) ? `_${snakeCase(name)}` : snakeCase(name));

/** A schedule that treats all groups alike. */
export interface ScheduleRow<O extends object> {
  /** What the constructor takes after the optimizer: settings with PyTorch's defaults, then what every schedule takes. */
  takes: `def ${string}(value optimizer, ${string}`;
  /** Throws for settings that make no sense. */
  check?(settings: O): void;
  /** The rate at an epoch from the present one. */
  next(lr: number, epoch: number, settings: O, base: number, first: boolean): number;
  /** The rate at an epoch from the initial one. */
  closed?(base: number, epoch: number, settings: O): number;
}

/** A schedule that follows a row. */
export class RowScheduler<O extends object> extends LRScheduler {
  readonly settings!: O;

  constructor(
    private readonly row: ScheduleRow<O>,
    optimizer: Scheduled,
    all: O,
    options: ScheduleOptions,
  ) {
    super(optimizer, options);
    row.check?.(all);
    Object.defineProperty(this, "settings", { value: all, enumerable: false });
    Object.defineProperty(this, "row", { enumerable: false });
    this.start();
  }

  override getLr(): number[] {
    const { row, settings, lastEpoch, baseLrs } = this;
    const first = this.stepCount === 1;
    return this.optimizer.paramGroups.map((group, k) => row.next(group.lr, lastEpoch, settings, baseLrs[k], first));
  }

  protected override closedLr(): number[] | null {
    const { row, settings, lastEpoch, baseLrs } = this;
    if (row.closed === undefined) return null;
    const { closed } = row;
    return baseLrs.map((base) => closed(base, lastEpoch, settings));
  }

  override stateDict(): { [name: string]: unknown } {
    const own = Object.entries(this.settings).filter(([, value]) => typeof value !== "function");
    return { ...Object.fromEntries(own.map(([name, value]) => [snakeCase(name), value])), ...super.stateDict() };
  }

  override loadStateDict(state: { readonly [name: string]: unknown }): void {
    for (const name of Object.keys(this.settings)) {
      if (snakeCase(name) in state) Object.assign(this.settings, { [name]: state[snakeCase(name)] });
    }
    super.loadStateDict(state);
  }
}

/** The class of a row; `P` are the arguments after the optimizer, `O` the same by name, of which `K` must be given. */
export type SchedulerClass<P extends unknown[], O extends object, K extends keyof O> = (new (
  optimizer: Scheduled,
  ...args: Arguments<[...own: P, ...schedule: ScheduleTail], Partial<O> & ScheduleOptions>
) => RowScheduler<O>) &
  (new (
    options: NamedSchedule<Partial<O> & Pick<O, K>>,
  ) => RowScheduler<O>);

/** The class that a row describes. */
export function schedule<P extends unknown[], O extends object, K extends keyof O = never>(
  row: ScheduleRow<O>,
): SchedulerClass<P, O, K> {
  const takes = new Signature(row.takes);
  class Described extends RowScheduler<O> {
    /** @internal */
    static override readonly [signature] = takes;

    constructor(...args: unknown[]) {
      const { optimizer, lastEpoch, verbose, ...settings } = takes.complete<NamedSchedule<object>>(args);
      super(row, optimizer, settings as unknown as O, { lastEpoch, verbose });
    }
  }
  return Described as SchedulerClass<P, O, K>;
}
