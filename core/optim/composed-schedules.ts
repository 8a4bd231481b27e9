// Schedules made of others, and the one that watches a metric. Sources: torch.optim.lr_scheduler.SequentialLR, ChainedScheduler,
// ReduceLROnPlateau.

import { ArgumentError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import {
  epochText,
  LRScheduler,
  type NamedSchedule,
  numberIn,
  rateText,
  perGroup,
  requireOptimizer,
  SCHEDULE,
  type ScheduleOptions,
  type Scheduled,
  type ScheduleTail,
} from "./scheduler";

/** What schedules made of others share: these set the learning rates, and their states are part of its own. */
abstract class ComposedScheduler extends LRScheduler {
  abstract readonly schedulers: readonly LRScheduler[];

  getLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  override stateDict(): { [name: string]: unknown } {
    const { schedulers, ...own } = super.stateDict();
    return { ...own, _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  override loadStateDict(state: { readonly [name: string]: unknown }): void {
    super.loadStateDict(state);
    const states = state._schedulers as { readonly [name: string]: unknown }[];
    this.schedulers.forEach((scheduler, k) => {
      scheduler.loadStateDict(states[k]);
    });
  }
}

interface SequentialOptions extends ScheduleOptions {
  schedulers?: readonly LRScheduler[];
  milestones?: readonly number[];
}

type SequentialArguments = Arguments<
  [schedulers: readonly LRScheduler[], milestones: readonly number[], ...schedule: ScheduleTail],
  SequentialOptions
>;

/** One schedule after another, changing at `milestones`. Source: torch.optim.lr_scheduler.SequentialLR. */
export class SequentialLR extends ComposedScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    `def SequentialLR(value optimizer, value schedulers, int[] milestones, ${SCHEDULE})`,
  );

  readonly schedulers: readonly LRScheduler[];
  readonly milestones: readonly number[];

  constructor(optimizer: Scheduled, ...args: SequentialArguments);
  constructor(optimizer: Scheduled, options: Named<SequentialOptions, "schedulers" | "milestones">);
  constructor(options: NamedSchedule<Named<SequentialOptions, "schedulers" | "milestones">>);
  constructor(...args: unknown[]) {
    const { optimizer, schedulers, milestones, lastEpoch } =
      SequentialLR[signature].complete<NamedSchedule<SequentialOptions>>(args);
    schedulers.forEach((scheduler, k) => {
      if (scheduler.optimizer === optimizer) return;
      throw new ArgumentError(
        `Sequential Schedulers expects all schedulers to belong to the same optimizer, but got schedulers at index ${k} to be different than the optimizer passed in.`,
      );
    });
    if (milestones.length !== schedulers.length - 1) {
      throw new ArgumentError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    super(optimizer, { lastEpoch: lastEpoch + 1 });
    this.schedulers = schedulers;
    this.milestones = milestones;
    // Every schedule has made its first step already: only the first one's counts.
    for (const group of optimizer.paramGroups) group.lr = numberIn(group, "initialLr") ?? group.lr;
    for (const scheduler of schedulers) scheduler.lastEpoch--;
    schedulers[0].restart();
    this.remember();
  }

  override step(): void {
    this.lastEpoch++;
    const at = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[at];
    if (at > 0 && this.milestones[at - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.remember();
  }
}

/** Several schedules at once, each changing what the one before has set. Source: torch.optim.lr_scheduler.ChainedScheduler. */
export class ChainedScheduler extends ComposedScheduler {
  readonly schedulers: readonly LRScheduler[];

  /** @internal */
  static override readonly [signature] = new Signature("def ChainedScheduler(value schedulers)");

  constructor(schedulers: readonly LRScheduler[] | { schedulers: readonly LRScheduler[] });
  constructor(...args: unknown[]) {
    const { schedulers } = ChainedScheduler[signature].complete<{ schedulers: readonly LRScheduler[] }>(args);
    const [first] = schedulers;
    if (first === undefined) throw new ArgumentError("ChainedScheduler expects at least one scheduler to be chained");
    schedulers.forEach((scheduler, k) => {
      if (scheduler.optimizer === first.optimizer) return;
      throw new ArgumentError(
        `ChainedScheduler expects all schedulers to belong to the same optimizer, but got schedulers at index 0 and ${k} to be different`,
      );
    });
    super(first.optimizer, { lastEpoch: first.lastEpoch });
    this.schedulers = schedulers;
    this.remember();
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastEpoch = this.schedulers[0].lastEpoch;
    this.remember();
  }
}

/** What ReduceLROnPlateau takes by name. */
export interface PlateauOptions {
  /** Whether the metric should fall ("min", default) or rise. */
  mode?: "min" | "max";
  /** Default 0.1. */
  factor?: number;
  /** Epochs without progress that are tolerated. Default 10. */
  patience?: number;
  /** What counts as progress. Default 1e-4. */
  threshold?: number;
  thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction that do not count. Default 0. */
  cooldown?: number;
  minLr?: number | readonly number[];
  /** Smallest change of a rate that is made. Default 1e-8. */
  eps?: number;
  /** Whether every reduction is printed. Default false. */
  verbose?: boolean;
}

/** Reduces the rate when a metric stops improving: `step(metric)`. Source: torch.optim.lr_scheduler.ReduceLROnPlateau. */
export class ReduceLROnPlateau {
  /** @internal */
  static readonly [signature] = new Signature(
    "def ReduceLROnPlateau(value optimizer, value mode='min', float factor=0.1, float patience=10, float threshold=0.0001, value thresholdMode='rel', float cooldown=0, float|float[] minLr=0, float eps=1e-08, bool verbose=False)",
  );

  readonly optimizer!: Scheduled;
  lastEpoch = 0;
  best: number;
  numBadEpochs = 0;
  cooldownCounter = 0;
  private readonly settings: Required<Omit<PlateauOptions, "minLr">>;
  private readonly minLrs: readonly number[];
  private lastLr: number[] = [];

  constructor(
    optimizer: Scheduled,
    ...args: Arguments<
      [
        mode?: "min" | "max",
        factor?: number,
        patience?: number,
        threshold?: number,
        thresholdMode?: "rel" | "abs",
        cooldown?: number,
        minLr?: number | readonly number[],
        eps?: number,
        verbose?: boolean,
      ],
      PlateauOptions
    >
  );
  constructor(options: PlateauOptions & { optimizer: Scheduled });
  constructor(...args: unknown[]) {
    const given = ReduceLROnPlateau[signature].complete<PlateauOptions & { optimizer: Scheduled }>(args);
    const { optimizer, mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps, verbose } = given;
    if (factor >= 1) throw new ArgumentError("Factor should be < 1.0.");
    if (mode !== "min" && mode !== "max") throw new ArgumentError(`mode ${String(mode)} is unknown!`);
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw new ArgumentError(`threshold mode ${String(thresholdMode)} is unknown!`);
    }
    requireOptimizer(optimizer);
    Object.defineProperty(this, "optimizer", { value: optimizer, enumerable: false });
    this.minLrs = perGroup("min_lrs", optimizer, minLr);
    this.settings = { mode, factor, patience, threshold, thresholdMode, cooldown, eps, verbose };
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  private improves(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.settings;
    if (mode === "min") {
      return metric < (thresholdMode === "rel" ? this.best * (1 - threshold) : this.best - threshold);
    }
    return metric > (thresholdMode === "rel" ? this.best * (threshold + 1) : this.best + threshold);
  }

  /** Takes the metric of an epoch. */
  step(metrics: number | Tensor): void {
    const metric = typeof metrics === "number" ? metrics : metrics.item();
    const { patience, cooldown, factor, eps, verbose } = this.settings;
    this.lastEpoch++;
    if (this.improves(metric)) {
      this.best = metric;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > patience) {
      this.optimizer.paramGroups.forEach((group, k) => {
        const reduced = Math.max(group.lr * factor, this.minLrs[k]);
        if (group.lr - reduced <= eps) return;
        group.lr = reduced;
        if (!verbose) return;
        console.log(
          `Epoch ${epochText(this.lastEpoch)}: reducing learning rate of group ${k} to ${rateText(reduced)}.`,
        );
      });
      this.cooldownCounter = cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rates after the last step. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** Settings and position for a checkpoint, by PyTorch's names. */
  stateDict(): { [name: string]: unknown } {
    const { mode, factor, patience, threshold, thresholdMode, cooldown, eps, verbose } = this.settings;
    return {
      mode,
      factor,
      patience,
      threshold,
      threshold_mode: thresholdMode,
      cooldown,
      eps,
      verbose,
      min_lrs: [...this.minLrs],
      best: this.best,
      num_bad_epochs: this.numBadEpochs,
      cooldown_counter: this.cooldownCounter,
      last_epoch: this.lastEpoch,
      _last_lr: [...this.lastLr],
    };
  }

  /** Takes over the position that `stateDict` gave. */
  loadStateDict(state: { readonly [name: string]: unknown }): void {
    const number = (name: string, present: number): number => {
      const value = state[name];
      return typeof value === "number" ? value : present;
    };
    this.best = number("best", this.best);
    this.numBadEpochs = number("num_bad_epochs", this.numBadEpochs);
    this.cooldownCounter = number("cooldown_counter", this.cooldownCounter);
    this.lastEpoch = number("last_epoch", this.lastEpoch);
  }
}
