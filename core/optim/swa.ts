// torch.optim.swa_utils: averages of weights along a run.

import { withGradMode } from "../autograd/modes";
import { ArgumentError } from "../errors";
import type { Forward } from "../nn/callable";
import { deepcopy } from "../nn/deepcopy";
import { stateKey } from "../nn/members";
import { Module } from "../nn/module";
import { RunningNorm } from "../nn/running-norm";
import type { StateDict } from "../nn/state-dict";
import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature, signed } from "../arguments/signed";
import { tensor } from "../ops/create/create";
import { int64 } from "../tensor/dtype";
import type { Device } from "../tensor/device";
import { pythonText } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";
import { LRScheduler, numberIn, perGroup, type ScheduleOptions, type Scheduled } from "./scheduler";

/** The next average from the present one, a new value, and how many were averaged. */
export type AverageFunction = (averaged: Tensor, value: Tensor, count: Tensor) => Tensor;

/**
 * An average of which each value is forgotten by the share 1 - `decay` (0.999) per update, for AveragedModel. Throws ArgumentError
 * for a decay outside [0, 1]. Source: torch.optim.swa_utils.get_ema_avg_fn of PyTorch 2.
 */
export const getEmaAvgFn = signed("def getEmaAvgFn(float decay=0.999)", (decay = 0.999): AverageFunction => {
  requireDecay(decay);
  return (averaged, value) => averaged.mul(decay).add(value.mul(1 - decay));
});

function requireDecay(decay: number): void {
  if (decay >= 0 && decay <= 1) return;
  throw new ArgumentError(`Invalid decay value ${pythonText(decay)} provided. Please provide a value in [0,1] range.`);
}

interface AveragedOptions {
  /** Where the averages live. Default: where the model does. */
  device?: Device | string | null;
  /** Default: the mean of all values. */
  avgFn?: AverageFunction | null;
  /** Whether buffers are averaged too. Default false. */
  useBuffers?: boolean;
}

/** A copy of a model whose parameters are averages of the model's. Options: `avgFn`, `useBuffers`. Source: torch.optim.swa_utils.AveragedModel. */
export class AveragedModel<M extends Module & { forward: Forward } = Module> extends Module {
  /** @internal */
  static readonly [signature] = new Signature(
    "def AveragedModel(Module model, Device? device=None, function? avgFn=None, bool useBuffers=False)",
  );

  readonly module: M;
  nAveraged: Tensor;
  private readonly average: AverageFunction;
  private readonly useBuffers: boolean;

  constructor(
    model: M,
    ...args: Arguments<
      [device?: Device | string | null, avgFn?: AverageFunction | null, useBuffers?: boolean],
      AveragedOptions
    >
  );
  constructor(options: AveragedOptions & { model: M });
  constructor(...args: unknown[]) {
    super();
    const { model, device, avgFn, useBuffers } = AveragedModel[signature].complete<AveragedOptions & { model: M }>(
      args,
    );
    this.module = deepcopy(model);
    if (device !== null) this.module.to(device);
    this.nAveraged = tensor(0, { dtype: int64, device });
    this.registerBuffer("nAveraged", this.nAveraged);
    this.average = avgFn ?? ((averaged, value, count) => averaged.add(value.sub(averaged).div(count.add(1))));
    this.useBuffers = useBuffers;
  }

  override [stateKey](property: string): string {
    return property === "nAveraged" ? "n_averaged" : property;
  }

  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const inner: Module = this.module;
    return inner(...args);
  }

  /** Takes the parameters of a model into the average. */
  updateParameters(model: Module): void {
    const values = (of: Module): Tensor[] =>
      this.useBuffers ? [...of.parameters(), ...of.buffers()] : of.parameters();
    const theirs = values(model);
    withGradMode(false, () => {
      values(this.module).forEach((own, k) => {
        const value = theirs[k].detach();
        own.copy_(this.nAveraged.item() === 0 ? value : this.average(own.detach(), value, this.nAveraged));
      });
      this.nAveraged.add_(1);
    });
  }
}

interface EMAOptions {
  /** The share of the average that each update keeps, in the long run. Default 0.9999. */
  decay?: number;
  /** How many updates the decay takes to come near: it is decay · (1 - exp(-updates / tau)). Default 2000; 0 for none. */
  tau?: number;
  /** Updates made already. Default 0. */
  updates?: number;
}

/** What `ModelEMA.stateDict` gives. */
export interface EMAState {
  module: StateDict;
  updates: number;
  decay: number;
  tau: number;
}

/**
 * An exponential moving average of a model's parameters and floating buffers, in a copy of the model, `module`, that is in
 * evaluation mode. Early updates forget faster, so that the first weights do not weigh long. Options: see EMAOptions. The class is
 * that of training recipes, not of PyTorch.
 */
export class ModelEMA<M extends Module = Module> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def ModelEMA(Module model, float decay=0.9999, float tau=2000, int updates=0)",
  );

  readonly module: M;
  decay: number;
  tau: number;
  updates: number;

  constructor(model: M, ...args: Arguments<[decay?: number, tau?: number, updates?: number], EMAOptions>);
  constructor(options: EMAOptions & { model: M });
  constructor(...args: unknown[]) {
    const { model, decay, tau, updates } = ModelEMA[signature].complete<EMAOptions & { model: M }>(args);
    requireDecay(decay);
    this.module = deepcopy(model).eval().requiresGrad_(false);
    this.decay = decay;
    this.tau = tau;
    this.updates = updates;
  }

  /** The share that the next update keeps. */
  private get share(): number {
    return this.tau > 0 ? this.decay * (1 - Math.exp(-this.updates / this.tau)) : this.decay;
  }

  /** Takes the present values of a model into the average; whole numbers among its buffers are copied. */
  update(model: Module): void {
    this.updates++;
    const { share } = this;
    const theirs = model.stateDict();
    withGradMode(false, () => {
      for (const [name, own] of this.module.stateDict().items()) {
        if (own.dtype.isFloatingPoint) own.mul_(share).add_(theirs[name], { alpha: 1 - share });
        else own.copy_(theirs[name]);
      }
    });
  }

  /** The averages, and what their updates depend on, for a checkpoint. */
  stateDict(): EMAState {
    const { decay, tau, updates } = this;
    return { module: this.module.stateDict(), updates, decay, tau };
  }

  /** Goes on from a checkpoint. Throws CressetError, as `Module.loadStateDict`, for another model's. */
  loadStateDict(state: EMAState): void {
    this.module.loadStateDict(state.module);
    this.updates = state.updates;
    this.decay = state.decay;
    this.tau = state.tau;
  }
}

interface SWALROptions extends Pick<ScheduleOptions, "lastEpoch"> {
  swaLr?: number | readonly number[];
  annealEpochs?: number;
  annealStrategy?: "cos" | "linear";
}

const ANNEAL = { cos: (t: number) => (1 - Math.cos(Math.PI * t)) / 2, linear: (t: number) => t };

/** From the present rate to `swaLr` over `annealEpochs` (10). Option: `annealStrategy` "cos" or "linear". Source: torch.optim.swa_utils.SWALR. */
export class SWALR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    "def SWALR(value optimizer, float|float[] swaLr, value annealEpochs=10, value annealStrategy='cos', int lastEpoch=-1)",
  );

  readonly annealEpochs: number;
  private readonly anneal: (t: number) => number;

  constructor(
    optimizer: Scheduled,
    ...args: Arguments<
      [swaLr: number | readonly number[], annealEpochs?: number, annealStrategy?: "cos" | "linear", lastEpoch?: number],
      SWALROptions
    >
  );
  constructor(options: SWALROptions & { optimizer: Scheduled; swaLr: number | readonly number[] });
  constructor(...args: unknown[]) {
    const { optimizer, swaLr, annealEpochs, annealStrategy, lastEpoch } = SWALR[signature].complete<
      SWALROptions & { optimizer: Scheduled }
    >(args);
    if (!(annealStrategy in ANNEAL)) {
      throw new ArgumentError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${annealStrategy}`);
    }
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0) {
      throw new ArgumentError(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    super(optimizer, { lastEpoch });
    const rates = perGroup("swa_lr", optimizer, swaLr);
    optimizer.paramGroups.forEach((group, k) => {
      Object.assign(group, { swaLr: rates[k] });
    });
    this.annealEpochs = annealEpochs;
    this.anneal = ANNEAL[annealStrategy];
    this.start();
  }

  getLr(): number[] {
    const { annealEpochs, anneal } = this;
    const step = annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const share = (at: number) => anneal(Math.max(0, Math.min(1, at / Math.max(1, annealEpochs))));
    const before = share(step - 1);
    const now = share(step);
    return this.optimizer.paramGroups.map((group) => {
      const target = numberIn(group, "swaLr") ?? group.lr;
      const initial = before === 1 ? target : (group.lr - before * target) / (1 - before);
      return target * now + initial * (1 - now);
    });
  }
}

/** Runs a model over batches (their first items) to give its batch normalisations the statistics of its weights. Source: torch.optim.swa_utils.update_bn. */
export const updateBn = signed(
  "def updateBn(value loader, Module model, Device? device=None)",
  (loader: Iterable<unknown>, model: Module, device: Device | string | null = null): void => {
    const norms = model.modules().filter((module) => module instanceof RunningNorm && module.tracksBatches);
    if (norms.length === 0) return;
    const wasTraining = model.training;
    model.train();
    const restore = norms.map((module) => (module as RunningNorm).averageAll());
    withGradMode(false, () => {
      for (const batch of loader) {
        const input: unknown = Array.isArray(batch) ? batch[0] : batch;
        if (!(input instanceof Tensor))
          throw new ArgumentError("update_bn: batches must be tensors, or begin with one");
        model(device === null ? input : input.to(device));
      }
    });
    for (const put of restore) put();
    model.train(wasTraining);
  },
);
