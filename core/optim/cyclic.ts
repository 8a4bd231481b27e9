// Schedules that go up and down within a run, momentum against the rate. Sources: torch.optim.lr_scheduler.CyclicLR, OneCycleLR.

import { ArgumentError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import {
  LRScheduler,
  type NamedSchedule,
  numberIn,
  perGroup,
  SCHEDULE,
  type ScheduleOptions,
  type Scheduled,
  type ScheduledGroup,
  type ScheduleTail,
} from "./scheduler";

/** One number for all groups, or one per group. */
type PerGroup = number | readonly number[];

const hasMomentum = (optimizer: Scheduled) => "momentum" in optimizer.defaults;
const hasBetas = (optimizer: Scheduled) => "betas" in optimizer.defaults;

function requireMomentum(supported: boolean): void {
  if (!supported) {
    throw new ArgumentError("optimizer must support momentum with `cycle_momentum` option enabled");
  }
}

/** What CyclicLR takes by name. */
export interface CyclicOptions extends ScheduleOptions {
  baseLr?: PerGroup;
  maxLr?: PerGroup;
  /** Steps up. Default 2000. */
  stepSizeUp?: number;
  /** Steps down. Default as up. */
  stepSizeDown?: number | null;
  mode?: "triangular" | "triangular2" | "exp_range";
  gamma?: number;
  /** A height by cycle (or by step), instead of `mode`. */
  scaleFn?: ((x: number) => number) | null;
  scaleMode?: "cycle" | "iterations";
  cycleMomentum?: boolean;
  baseMomentum?: PerGroup;
  maxMomentum?: PerGroup;
}

type CyclicArguments = Arguments<
  [
    baseLr: PerGroup,
    maxLr: PerGroup,
    stepSizeUp?: number,
    stepSizeDown?: number | null,
    mode?: "triangular" | "triangular2" | "exp_range",
    gamma?: number,
    scaleFn?: ((x: number) => number) | null,
    scaleMode?: "cycle" | "iterations",
    cycleMomentum?: boolean,
    baseMomentum?: PerGroup,
    maxMomentum?: PerGroup,
    ...schedule: ScheduleTail,
  ],
  CyclicOptions
>;

/** Between two rates along triangles. Options: see CyclicOptions. Source: torch.optim.lr_scheduler.CyclicLR. */
export class CyclicLR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    `def CyclicLR(value optimizer, float|float[] baseLr, float|float[] maxLr, float stepSizeUp=2000, float? stepSizeDown=None, value mode='triangular', float gamma=1.0, function? scaleFn=None, value scaleMode='cycle', bool cycleMomentum=True, float|float[] baseMomentum=0.8, float|float[] maxMomentum=0.9, ${SCHEDULE})`,
  );

  private readonly low: number[];
  private readonly high: number[];
  private readonly totalSize: number;
  private readonly stepRatio: number;
  private readonly byCycle: boolean;
  private readonly height: (x: number) => number;
  private readonly momenta: { low: number[]; high: number[] } | null = null;

  constructor(optimizer: Scheduled, ...args: CyclicArguments);
  constructor(optimizer: Scheduled, options: Named<CyclicOptions, "baseLr" | "maxLr">);
  constructor(options: NamedSchedule<CyclicOptions & { baseLr: PerGroup; maxLr: PerGroup }>);
  constructor(...args: unknown[]) {
    const given = CyclicLR[signature].complete<NamedSchedule<CyclicOptions>>(args);
    const { optimizer, baseLr, maxLr, stepSizeUp, mode, gamma, scaleFn, scaleMode } = given;
    const { cycleMomentum, baseMomentum, maxMomentum, lastEpoch, verbose } = given;
    const stepSizeDown = given.stepSizeDown ?? stepSizeUp;
    const modes = {
      triangular: () => 1,
      triangular2: (x: number) => 1 / 2 ** (x - 1),
      exp_range: (x: number) => gamma ** x,
    };
    if (scaleFn === null && !(mode in modes)) throw new ArgumentError("mode is invalid and scale_fn is None");
    super(optimizer, { lastEpoch, verbose });
    this.low = perGroup("base_lr", optimizer, baseLr);
    this.high = perGroup("max_lr", optimizer, maxLr);
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    this.height = scaleFn ?? modes[mode];
    this.byCycle = scaleFn === null ? mode !== "exp_range" : scaleMode === "cycle";
    const fresh = this.lastEpoch === -1;
    if (fresh) {
      optimizer.paramGroups.forEach((group, k) => {
        group.lr = this.low[k];
      });
    }
    if (cycleMomentum) {
      requireMomentum(hasMomentum(optimizer));
      this.momenta = {
        low: perGroup("base_momentum", optimizer, baseMomentum),
        high: perGroup("max_momentum", optimizer, maxMomentum),
      };
    }
    this.start();
    this.baseLrs = this.low;
  }

  getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio, momenta } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const part = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const height = this.height(this.byCycle ? cycle : lastEpoch);
    if (momenta !== null) {
      this.optimizer.paramGroups.forEach((group, k) => {
        const range = (momenta.high[k] - momenta.low[k]) * part;
        Object.assign(group, { momentum: momenta.high[k] - range * height });
      });
    }
    return this.low.map((low, k) => low + (this.high[k] - low) * part * height);
  }
}

/** What OneCycleLR takes by name. */
export interface OneCycleOptions extends ScheduleOptions {
  maxLr?: PerGroup;
  /** Steps of the whole run; or `epochs` and `stepsPerEpoch`. */
  totalSteps?: number | null;
  epochs?: number | null;
  stepsPerEpoch?: number | null;
  /** Share of the run that goes up. Default 0.3. */
  pctStart?: number;
  annealStrategy?: "cos" | "linear";
  cycleMomentum?: boolean;
  baseMomentum?: PerGroup;
  maxMomentum?: PerGroup;
  /** The initial rate is maxLr / divFactor. Default 25. */
  divFactor?: number;
  /** The last rate is the initial one / finalDivFactor. Default 1e4. */
  finalDivFactor?: number;
  threePhase?: boolean;
}

type OneCycleArguments = Arguments<
  [
    maxLr: PerGroup,
    totalSteps?: number | null,
    epochs?: number | null,
    stepsPerEpoch?: number | null,
    pctStart?: number,
    annealStrategy?: "cos" | "linear",
    cycleMomentum?: boolean,
    baseMomentum?: PerGroup,
    maxMomentum?: PerGroup,
    divFactor?: number,
    finalDivFactor?: number,
    threePhase?: boolean,
    ...schedule: ScheduleTail,
  ],
  OneCycleOptions
>;

type Level = "initialLr" | "maxLr" | "minLr";
type MomentumLevel = "maxMomentum" | "baseMomentum";

interface Phase {
  end: number;
  lr: readonly [Level, Level];
  momentum: readonly [MomentumLevel, MomentumLevel];
}

const ANNEAL = {
  cos: (from: number, to: number, part: number) => to + ((from - to) / 2) * (Math.cos(Math.PI * part) + 1),
  linear: (from: number, to: number, part: number) => (to - from) * part + from,
};

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  const positive = (name: string, value: number): number => {
    if (value <= 0 || !Number.isInteger(value)) {
      throw new ArgumentError(`Expected positive integer ${name}, but got ${value}`);
    }
    return value;
  };
  if (totalSteps !== null && totalSteps !== undefined) return positive("total_steps", totalSteps);
  if (typeof epochs !== "number" || typeof stepsPerEpoch !== "number") {
    throw new ArgumentError("You must define either total_steps OR (epochs AND steps_per_epoch)");
  }
  return positive("epochs", epochs) * positive("steps_per_epoch", stepsPerEpoch);
}

/** Up to a largest rate once and down again. Options: see OneCycleOptions. Source: torch.optim.lr_scheduler.OneCycleLR. */
export class OneCycleLR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    `def OneCycleLR(value optimizer, float|float[] maxLr, float? totalSteps=None, float? epochs=None, float? stepsPerEpoch=None, float pctStart=0.3, value annealStrategy='cos', bool cycleMomentum=True, float|float[] baseMomentum=0.85, float|float[] maxMomentum=0.95, float divFactor=25.0, float finalDivFactor=10000.0, bool threePhase=False, ${SCHEDULE})`,
  );

  readonly totalSteps: number;
  private readonly phases: Phase[];
  private readonly anneal: (from: number, to: number, part: number) => number;
  private readonly cycleMomentum: boolean;

  constructor(optimizer: Scheduled, ...args: OneCycleArguments);
  constructor(options: NamedSchedule<OneCycleOptions & { maxLr: PerGroup }>);
  constructor(...args: unknown[]) {
    const given = OneCycleLR[signature].complete<NamedSchedule<OneCycleOptions>>(args);
    const { optimizer, maxLr, pctStart, annealStrategy, cycleMomentum, lastEpoch, verbose } = given;
    const { baseMomentum, maxMomentum, divFactor, finalDivFactor } = given;
    const total = stepsOf(given);
    if (pctStart < 0 || pctStart > 1) {
      throw new ArgumentError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`);
    }
    if (!(annealStrategy in ANNEAL)) {
      throw new ArgumentError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${annealStrategy}`);
    }
    super(optimizer, { lastEpoch, verbose });
    this.totalSteps = total;
    this.anneal = ANNEAL[annealStrategy];
    this.cycleMomentum = cycleMomentum;
    const up: Phase = {
      end: pctStart * total - 1,
      lr: ["initialLr", "maxLr"],
      momentum: ["maxMomentum", "baseMomentum"],
    };
    this.phases = given.threePhase
      ? [
          up,
          { end: 2 * pctStart * total - 2, lr: ["maxLr", "initialLr"], momentum: ["baseMomentum", "maxMomentum"] },
          { end: total - 1, lr: ["initialLr", "minLr"], momentum: ["maxMomentum", "maxMomentum"] },
        ]
      : [up, { end: total - 1, lr: ["maxLr", "minLr"], momentum: ["baseMomentum", "maxMomentum"] }];
    if (cycleMomentum) requireMomentum(hasMomentum(optimizer) || hasBetas(optimizer));
    if (this.lastEpoch === -1) {
      const tops = perGroup("max_lr", optimizer, maxLr);
      const highs = perGroup("max_momentum", optimizer, maxMomentum);
      const lows = perGroup("base_momentum", optimizer, baseMomentum);
      optimizer.paramGroups.forEach((group, k) => {
        const initialLr = tops[k] / divFactor;
        Object.assign(group, { initialLr, maxLr: tops[k], minLr: initialLr / finalDivFactor });
        if (!cycleMomentum) return;
        Object.assign(group, { maxMomentum: highs[k], baseMomentum: lows[k] });
        this.setMomentum(group, highs[k]);
      });
    }
    this.start();
  }

  private setMomentum(group: ScheduledGroup, value: number): void {
    const betas: unknown = Reflect.get(group, "betas");
    Object.assign(group, Array.isArray(betas) ? { betas: [value, ...betas.slice(1)] } : { momentum: value });
  }

  getLr(): number[] {
    const { lastEpoch, phases, totalSteps } = this;
    if (lastEpoch > totalSteps) {
      throw new ArgumentError(
        `Tried to step ${lastEpoch + 1} times. The specified number of total steps is ${totalSteps}`,
      );
    }
    const found = phases.findIndex(({ end }) => lastEpoch <= end);
    const at = found < 0 ? phases.length - 1 : found;
    const begin = at === 0 ? 0 : phases[at - 1].end;
    const { end, lr, momentum } = phases[at];
    const part = (lastEpoch - begin) / (end - begin);
    const between = (group: ScheduledGroup, [from, to]: readonly [string, string]) =>
      this.anneal(numberIn(group, from) ?? 0, numberIn(group, to) ?? 0, part);
    return this.optimizer.paramGroups.map((group) => {
      if (this.cycleMomentum) this.setMomentum(group, between(group, momentum));
      return between(group, lr);
    });
  }
}
