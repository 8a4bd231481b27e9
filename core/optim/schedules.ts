// Schedules that are a formula of the epoch. Sources: torch.optim.lr_scheduler.

import { ArgumentError } from "../errors";
import {
  LRScheduler,
  type NamedSchedule,
  perGroup,
  SCHEDULE,
  type Scheduled,
  type ScheduleOptions,
  type ScheduleTail,
  schedule,
} from "./scheduler";
import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";

/** A factor of the learning rate by epoch. */
export type LrLambda = (epoch: number) => number;

interface LambdaOptions extends ScheduleOptions {
  lrLambda?: LrLambda | readonly LrLambda[];
}

type LambdaArguments = Arguments<[lrLambda: LrLambda | readonly LrLambda[], ...schedule: ScheduleTail], LambdaOptions>;

type NamedLambda = NamedSchedule<Required<Pick<LambdaOptions, "lrLambda">>>;

/** What the class of a name takes. */
function takes(name: string): Signature {
  return new Signature(`def ${name}(value optimizer, value lrLambda, ${SCHEDULE})`);
}

/** The initial rate times a function of the epoch. Source: torch.optim.lr_scheduler.LambdaLR. */
export class LambdaLR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = takes("LambdaLR");

  readonly lrLambdas: readonly LrLambda[];

  constructor(optimizer: Scheduled, ...args: LambdaArguments);
  constructor(options: NamedLambda);
  constructor(...args: unknown[]) {
    const { optimizer, lrLambda, ...options } = LambdaLR[signature].complete<NamedLambda>(args);
    super(optimizer, options);
    this.lrLambdas = perGroup("lr_lambdas", optimizer, lrLambda);
    this.start();
  }

  getLr(): number[] {
    return this.baseLrs.map((base, k) => base * this.lrLambdas[k](this.lastEpoch));
  }
}

/** The present rate times a function of the epoch. Source: torch.optim.lr_scheduler.MultiplicativeLR. */
export class MultiplicativeLR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = takes("MultiplicativeLR");

  readonly lrLambdas: readonly LrLambda[];

  constructor(optimizer: Scheduled, ...args: LambdaArguments);
  constructor(options: NamedLambda);
  constructor(...args: unknown[]) {
    const { optimizer, lrLambda, ...options } = MultiplicativeLR[signature].complete<NamedLambda>(args);
    super(optimizer, options);
    this.lrLambdas = perGroup("lr_lambdas", optimizer, lrLambda);
    this.start();
  }

  getLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }, k) =>
      this.lastEpoch > 0 ? lr * this.lrLambdas[k](this.lastEpoch) : lr,
    );
  }
}

interface StepOptions {
  stepSize: number;
  gamma: number;
}

/** Times `gamma` (0.1) every `stepSize` epochs. Source: torch.optim.lr_scheduler.StepLR. */
export class StepLR extends schedule<[stepSize: number, gamma?: number], StepOptions, "stepSize">({
  takes: `def StepLR(value optimizer, int stepSize, float gamma=0.1, ${SCHEDULE})`,
  next: (lr, epoch, { stepSize, gamma }) => (epoch === 0 || epoch % stepSize !== 0 ? lr : lr * gamma),
  closed: (base, epoch, { stepSize, gamma }) => base * gamma ** Math.floor(epoch / stepSize),
}) {}

interface MultiStepOptions {
  milestones: readonly number[];
  gamma: number;
}

/** Times `gamma` (0.1) at the epochs of `milestones`. Source: torch.optim.lr_scheduler.MultiStepLR. */
export class MultiStepLR extends schedule<
  [milestones: readonly number[], gamma?: number],
  MultiStepOptions,
  "milestones"
>({
  takes: `def MultiStepLR(value optimizer, int[] milestones, float gamma=0.1, ${SCHEDULE})`,
  next: (lr, epoch, { milestones, gamma }) => lr * gamma ** milestones.filter((at) => at === epoch).length,
  closed: (base, epoch, { milestones, gamma }) => base * gamma ** milestones.filter((at) => at <= epoch).length,
}) {}

interface WarmOptions {
  factor: number;
  totalIters: number;
}

/** `factor` (1/3) times the rate for `totalIters` (5) epochs. Source: torch.optim.lr_scheduler.ConstantLR. */
export class ConstantLR extends schedule<[factor?: number, totalIters?: number], WarmOptions>({
  takes: `def ConstantLR(value optimizer, float factor=0.3333333333333333, float totalIters=5, ${SCHEDULE})`,
  check: ({ factor }) => {
    if (factor > 1 || factor < 0) {
      throw new ArgumentError("Constant multiplicative factor expected to be between 0 and 1.");
    }
  },
  next: (lr, epoch, { factor, totalIters }) => {
    if (epoch === 0) return lr * factor;
    return epoch === totalIters ? lr * (1 / factor) : lr;
  },
  closed: (base, epoch, { factor, totalIters }) => base * (factor + (epoch >= totalIters ? 1 - factor : 0)),
}) {}

interface LinearOptions {
  startFactor: number;
  endFactor: number;
  totalIters: number;
}

/** From `startFactor` (1/3) to `endFactor` (1) times the rate over `totalIters` (5) epochs. Source: torch.optim.lr_scheduler.LinearLR. */
export class LinearLR extends schedule<[startFactor?: number, endFactor?: number, totalIters?: number], LinearOptions>({
  takes: `def LinearLR(value optimizer, float startFactor=0.3333333333333333, float endFactor=1.0, float totalIters=5, ${SCHEDULE})`,
  check: ({ startFactor, endFactor }) => {
    if (startFactor > 1 || startFactor < 0) {
      throw new ArgumentError("Starting multiplicative factor expected to be between 0 and 1.");
    }
    if (endFactor > 1 || endFactor < 0) {
      throw new ArgumentError("Ending multiplicative factor expected to be between 0 and 1.");
    }
  },
  next: (lr, epoch, { startFactor, endFactor, totalIters }) => {
    if (epoch === 0) return lr * startFactor;
    if (epoch > totalIters) return lr;
    return lr * (1 + (endFactor - startFactor) / (totalIters * startFactor + (epoch - 1) * (endFactor - startFactor)));
  },
  closed: (base, epoch, { startFactor, endFactor, totalIters }) =>
    base * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, epoch)) / totalIters),
}) {}

/** Times `gamma` every epoch. Source: torch.optim.lr_scheduler.ExponentialLR. */
export class ExponentialLR extends schedule<[gamma: number], { gamma: number }, "gamma">({
  takes: `def ExponentialLR(value optimizer, float gamma, ${SCHEDULE})`,
  next: (lr, epoch, { gamma }) => (epoch === 0 ? lr : lr * gamma),
  closed: (base, epoch, { gamma }) => base * gamma ** epoch,
}) {}

interface PolynomialOptions {
  totalIters: number;
  power: number;
}

/** Down to 0 over `totalIters` (5) epochs along a power. Source: torch.optim.lr_scheduler.PolynomialLR. */
export class PolynomialLR extends schedule<[totalIters?: number, power?: number], PolynomialOptions>({
  takes: `def PolynomialLR(value optimizer, float totalIters=5, float power=1.0, ${SCHEDULE})`,
  next: (lr, epoch, { totalIters, power }) => {
    if (epoch === 0 || epoch > totalIters) return lr;
    return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
  },
  closed: (base, epoch, { totalIters, power }) => base * (1 - Math.min(totalIters, epoch) / totalIters) ** power,
}) {}

interface CosineOptions {
  TMax: number;
  etaMin: number;
}

const cosine = (base: number, part: number, etaMin: number) =>
  etaMin + ((base - etaMin) * (1 + Math.cos(Math.PI * part))) / 2;

/** Down to `etaMin` (0) along half a cosine of `TMax` epochs, and up again. Source: torch.optim.lr_scheduler.CosineAnnealingLR. */
export class CosineAnnealingLR extends schedule<[TMax: number, etaMin?: number], CosineOptions, "TMax">({
  takes: `def CosineAnnealingLR(value optimizer, float TMax, float etaMin=0, ${SCHEDULE})`,
  next: (lr, epoch, { TMax, etaMin }, base, first) => {
    if (epoch === 0) return lr;
    if (first) return cosine(base, epoch / TMax, etaMin);
    if ((epoch - 1 - TMax) % (2 * TMax) === 0) {
      return lr + ((base - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2;
    }
    const now = 1 + Math.cos((Math.PI * epoch) / TMax);
    const before = 1 + Math.cos((Math.PI * (epoch - 1)) / TMax);
    return (now / before) * (lr - etaMin) + etaMin;
  },
  closed: (base, epoch, { TMax, etaMin }) => cosine(base, epoch / TMax, etaMin),
}) {}

interface RestartOptions extends ScheduleOptions {
  T_0?: number;
  TMult?: number;
  etaMin?: number;
}

/** Cosines that begin anew after `T_0` epochs, each `TMult` (1) times as long as the last. Source: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    `def CosineAnnealingWarmRestarts(value optimizer, float T_0, float TMult=1, float etaMin=0, ${SCHEDULE})`,
  );

  readonly T_0: number;
  readonly TMult: number;
  readonly etaMin: number;
  private T_i: number;
  private TCur: number;

  constructor(
    optimizer: Scheduled,
    ...args: Arguments<[T_0: number, TMult?: number, etaMin?: number, ...schedule: ScheduleTail], RestartOptions>
  );
  constructor(options: NamedSchedule<RestartOptions & { T_0: number }>);
  constructor(...args: unknown[]) {
    const { optimizer, T_0, TMult, etaMin, lastEpoch, verbose } =
      CosineAnnealingWarmRestarts[signature].complete<NamedSchedule<RestartOptions>>(args);
    if (T_0 <= 0 || !Number.isInteger(T_0)) throw new ArgumentError(`Expected positive integer T_0, but got ${T_0}`);
    if (TMult < 1 || !Number.isInteger(TMult)) {
      throw new ArgumentError(`Expected integer T_mult >= 1, but got ${TMult}`);
    }
    super(optimizer, { lastEpoch, verbose });
    this.T_0 = T_0;
    this.TMult = TMult;
    this.etaMin = etaMin;
    this.T_i = T_0;
    this.TCur = lastEpoch;
    this.start();
  }

  getLr(): number[] {
    return this.baseLrs.map((base) => cosine(base, this.TCur / this.T_i, this.etaMin));
  }

  /** Goes on by one epoch, or to a given one, which may be a fraction. */
  override step(epoch?: number): void {
    const to = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (to === undefined) {
      this.TCur++;
      if (this.TCur >= this.T_i) {
        this.TCur -= this.T_i;
        this.T_i *= this.TMult;
      }
      this.lastEpoch++;
    } else {
      this.place(to);
      this.lastEpoch = Math.floor(to);
    }
    this.take(this.getLr(), to ?? this.lastEpoch);
  }

  /** The position within the cycle of an epoch. */
  private place(epoch: number): void {
    const { T_0, TMult } = this;
    if (epoch < 0) throw new ArgumentError(`Expected non-negative epoch, but got ${epoch}`);
    this.T_i = T_0;
    this.TCur = epoch;
    if (epoch < T_0) return;
    if (TMult === 1) {
      this.TCur = epoch % T_0;
      return;
    }
    const cycle = Math.trunc(Math.log((epoch / T_0) * (TMult - 1) + 1) / Math.log(TMult));
    this.TCur = epoch - (T_0 * (TMult ** cycle - 1)) / (TMult - 1);
    this.T_i = T_0 * TMult ** cycle;
  }
}
