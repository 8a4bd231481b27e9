// Optimizers and schedules of random models.

import type { ModelWriter } from "./models";
import type { Random } from "./random";
import type { Value } from "./statements";

type Options = Record<string, Value>;

/** An epsilon that keeps gradients of rounding errors from becoming steps. */
const eps = 1e-3;

/** Optimizers: the class and its options. */
export const optimizers: readonly ((random: Random) => [string, Options])[] = [
  () => ["SGD", { lr: 0.1 }],
  (random) => ["SGD", { lr: 0.05, momentum: 0.9, nesterov: random.chance(50) }],
  (random) => ["SGD", { lr: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.01, maximize: random.chance(20) }],
  (random) => ["Adam", { lr: 0.01, eps, amsgrad: random.chance(30), weightDecay: random.chance(30) ? 0.1 : 0 }],
  (random) => ["AdamW", { lr: 0.01, eps, weightDecay: random.pick([0.01, 0.1]) }],
  (random) => ["RMSprop", { lr: 0.01, eps, momentum: random.pick([0, 0.5]), centered: random.chance(40) }],
  () => ["Adagrad", { lr: 0.05, eps, lrDecay: 0.1 }],
  () => ["Adadelta", { eps }],
  () => ["Adamax", { lr: 0.01, eps }],
  () => ["NAdam", { lr: 0.01, eps }],
  () => ["RAdam", { lr: 0.01, eps }],
  () => ["ASGD", { lr: 0.05 }],
];

/** A schedule by its name; one of plateaus is told the loss. */
export interface Schedule {
  name: string;
  plateau: boolean;
}

const schedule =
  (name: string, args: readonly Value[], named?: Options) =>
  (w: ModelWriter, optimizer: string): Schedule => ({
    name: w.make("sched", "optim.lrScheduler", `new ${name}`, [{ variable: optimizer }, ...args], named),
    plateau: name === "ReduceLROnPlateau",
  });

export const schedules: readonly ((w: ModelWriter, optimizer: string) => Schedule)[] = [
  schedule("StepLR", [2], { gamma: 0.5 }),
  schedule("MultiStepLR", [[1, 3]], { gamma: 0.5 }),
  schedule("ExponentialLR", [0.9]),
  schedule("CosineAnnealingLR", [4], { etaMin: 0.001 }),
  schedule("LinearLR", [], { startFactor: 0.5, totalIters: 3 }),
  schedule("ConstantLR", [], { factor: 0.5, totalIters: 2 }),
  schedule("PolynomialLR", [4], { power: 2 }),
  schedule("CosineAnnealingWarmRestarts", [2], { TMult: 2 }),
  schedule("OneCycleLR", [0.1], { totalSteps: 10 }),
  schedule("ExponentialLR", [0.5], { lastEpoch: -1 }),
  schedule("ReduceLROnPlateau", [], { patience: 0, factor: 0.5 }),
];
