// Scaling of losses, so that small gradients are not lost in float16. Source: torch.cuda.amp.GradScaler.

import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { noGrad } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { full } from "../ops/create/create";
import type { AnyOptions, Optimizer } from "../optim/optimizer";
import { float16, float32, int32 } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";

/** Options of a GradScaler with PyTorch's defaults. */
export interface GradScalerOptions {
  /** The scale to begin with. Default 65536. */
  initScale: number;
  /** What the scale is multiplied by after `growthInterval` steps without an infinity. Default 2. */
  growthFactor: number;
  /** What the scale is multiplied by after a step with an infinity or NaN. Default 0.5. */
  backoffFactor: number;
  /** Steps without an infinity before the scale grows. Default 2000. */
  growthInterval: number;
  /** False makes every method hand on what it is given. Default true. */
  enabled: boolean;
}

/** What `stateDict()` of a GradScaler gives, with PyTorch's names; nothing when it is disabled. */
export interface GradScalerState {
  scale: number;
  growth_factor: number;
  backoff_factor: number;
  growth_interval: number;
  _growth_tracker: number;
}

/** What one step of an optimizer has come to. */
interface Stage {
  name: "ready" | "unscaled" | "stepped";
  /** 1 where a gradient had an infinity or NaN, of shape (1); null before they were looked at. */
  foundInf: Tensor | null;
}

type ScalerArguments = Arguments<
  [initScale?: number, growthFactor?: number, backoffFactor?: number, growthInterval?: number, enabled?: boolean],
  Partial<GradScalerOptions>
>;

type AnyOptimizer = Pick<Optimizer<AnyOptions>, "step"> & {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
};

/** Tensors, and lists of them at any depth. */
type Outputs = Tensor | Iterable<Outputs>;

/**
 * Multiplies losses, so that their gradients do not vanish in float16, divides gradients by the same factor before a step, leaves steps out
 * whose gradients are infinite or NaN, and finds the factor: `scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update()`.
 * Works on every device, which may be named first, as PyTorch 2 has it; that of 1.13 is disabled without CUDA. Throws ArgumentError for factors that do not grow, or do not back off.
 * Source: torch.cuda.amp.GradScaler.
 */
export class GradScaler {
  static {
    readsMethods(
      GradScaler,
      "def GradScaler.scale(any outputs)",
      "def GradScaler.unscale_(any optimizer)",
      "def GradScaler.step(any optimizer, any closure=None)",
      "def GradScaler.update(any newScale=None)",
    );
  }

  /** @internal */
  static readonly [signature] = new Signature(
    "def GradScaler(float initScale=65536.0, float growthFactor=2.0, float backoffFactor=0.5, int growthInterval=2000, bool enabled=True)",
  );

  private readonly enabled: boolean;
  private initScale: number;
  private growthFactor: number;
  private backoffFactor: number;
  private growthInterval: number;
  private initGrowthTracker = 0;
  /** The scale and the steps since it changed, of shape (1), on the device of the first loss. */
  private state: { readonly scale: Tensor; readonly growthTracker: Tensor } | null = null;
  private stages = new Map<AnyOptimizer, Stage>();

  constructor(...args: ScalerArguments | [device: string, ...rest: ScalerArguments]) {
    const own = typeof args[0] === "string" ? args.slice(1) : args;
    const given = GradScaler[signature].complete<GradScalerOptions>(own);
    if (given.enabled && !(given.growthFactor > 1)) throw new ArgumentError("The growth factor must be > 1.0.");
    if (given.enabled && !(given.backoffFactor < 1)) throw new ArgumentError("The backoff factor must be < 1.0.");
    this.enabled = given.enabled;
    this.initScale = given.initScale;
    this.growthFactor = given.growthFactor;
    this.backoffFactor = given.backoffFactor;
    this.growthInterval = given.growthInterval;
  }

  /** A loss, or tensors in lists, times the scale. Throws ArgumentError for anything else. Source: GradScaler.scale. */
  scale<T extends Outputs>(outputs: T): T;
  scale(outputs: Outputs): unknown {
    if (!this.enabled) return outputs;
    if (outputs instanceof Tensor) return outputs.mul(this.begun().scale);
    if (typeof outputs !== "object" || outputs === null || !(Symbol.iterator in outputs))
      throw new ArgumentError("outputs must be a Tensor or an iterable of Tensors");
    return Array.from(outputs, (each) => this.scale(each));
  }

  /**
   * Divides the gradients of an optimizer by the scale, to clip or look at them before `step`, which else does so itself. Once per step.
   * Throws CressetError when it comes twice or after `step`, ArgumentError for gradients of float16. Source: GradScaler.unscale_.
   */
  unscale_(optimizer: AnyOptimizer): void {
    if (!this.enabled) return;
    const { scale } = this.required("unscale_");
    const stage = this.stageOf(optimizer);
    if (stage.name === "unscaled")
      throw new CressetError("unscale_() has already been called on this optimizer since the last update().");
    if (stage.name === "stepped") throw new CressetError("unscale_() is being called after step().");
    const inverse = scale.double().reciprocal().float();
    stage.foundInf = noGrad(() => unscaled(optimizer, inverse));
    stage.name = "unscaled";
  }

  /**
   * A step of an optimizer on gradients divided by the scale, left out where one of them is infinite or NaN. Returns what the step returns.
   * Throws CressetError for a second step before `update`, and for a closure. Source: GradScaler.step.
   */
  step(optimizer: AnyOptimizer, closure: (() => unknown) | null = null): unknown {
    if (!this.enabled) return closure === null ? optimizer.step() : optimizer.step(closure as never);
    if (closure !== null) throw new CressetError("Closure use is not currently supported if GradScaler is enabled.");
    this.required("step");
    const stage = this.stageOf(optimizer);
    if (stage.name === "stepped") throw new CressetError("step() has already been called since the last update().");
    if (stage.name === "ready") this.unscale_(optimizer);
    if (stage.foundInf === null) throw new CressetError("No inf checks were recorded for this optimizer.");
    const result = Number(stage.foundInf.item()) === 0 ? optimizer.step() : null;
    stage.name = "stepped";
    return result;
  }

  /** The scale for the next step: grown, backed off, or `newScale`. After the last `step`. Source: GradScaler.update. */
  update(newScale: number | Tensor | null = null): void {
    if (!this.enabled) return;
    const { scale, growthTracker } = this.required("update");
    if (newScale instanceof Tensor) {
      if (newScale.numel() !== 1 || newScale.requiresGrad)
        throw new ArgumentError("new_scale should be a float or a 1-element Tensor with requires_grad=False.");
      noGrad(() => scale.copy_(newScale));
    } else if (newScale !== null) scale.fill_(newScale);
    else {
      const found = [...this.stages.values()].flatMap(({ foundInf }) => foundInf ?? []);
      if (found.length === 0) throw new CressetError("No inf checks were recorded prior to update.");
      if (found.some((each) => Number(each.item()) !== 0)) {
        scale.mul_(this.backoffFactor);
        growthTracker.zero_();
      } else this.grow(scale, growthTracker);
    }
    this.stages = new Map();
  }

  private grow(scale: Tensor, growthTracker: Tensor): void {
    const steps = Number(growthTracker.item()) + 1;
    if (steps !== this.growthInterval) {
      growthTracker.fill_(steps);
      return;
    }
    const grown = scale.mul(this.growthFactor);
    // A scale beyond float32 would make every gradient infinite.
    if (grown.isfinite().item()) scale.copy_(grown);
    growthTracker.zero_();
  }

  /** The scale; 1 when disabled. Source: GradScaler.get_scale. */
  getScale(): number {
    if (!this.enabled) return 1;
    return this.state === null ? this.initScale : Number(this.state.scale.item());
  }

  /** What the scale grows by. Source: GradScaler.get_growth_factor. */
  getGrowthFactor(): number {
    return this.growthFactor;
  }

  /** Sets what the scale grows by. Source: GradScaler.set_growth_factor. */
  setGrowthFactor(newFactor: number): void {
    this.growthFactor = newFactor;
  }

  /** What the scale backs off by. Source: GradScaler.get_backoff_factor. */
  getBackoffFactor(): number {
    return this.backoffFactor;
  }

  /** Sets what the scale backs off by. Source: GradScaler.set_backoff_factor. */
  setBackoffFactor(newFactor: number): void {
    this.backoffFactor = newFactor;
  }

  /** Steps without an infinity before the scale grows. Source: GradScaler.get_growth_interval. */
  getGrowthInterval(): number {
    return this.growthInterval;
  }

  /** Sets the steps before the scale grows. Source: GradScaler.set_growth_interval. */
  setGrowthInterval(newInterval: number): void {
    this.growthInterval = newInterval;
  }

  /** Whether losses are scaled. Source: GradScaler.is_enabled. */
  isEnabled(): boolean {
    return this.enabled;
  }

  /** What goes into a checkpoint, after `update`; an empty object when disabled. Source: GradScaler.state_dict. */
  stateDict(): GradScalerState | Record<string, never> {
    if (!this.enabled) return {};
    return {
      scale: this.getScale(),
      growth_factor: this.growthFactor,
      backoff_factor: this.backoffFactor,
      growth_interval: this.growthInterval,
      _growth_tracker: this.state === null ? this.initGrowthTracker : Number(this.state.growthTracker.item()),
    };
  }

  /** Takes what `stateDict` gave. Throws CressetError for the state of a disabled scaler. Source: GradScaler.load_state_dict. */
  loadStateDict(state: GradScalerState | Record<string, never>): void {
    if (!this.enabled) return;
    if (Object.keys(state).length === 0)
      throw new CressetError(
        "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.",
      );
    this.initScale = state.scale;
    this.growthFactor = state.growth_factor;
    this.backoffFactor = state.backoff_factor;
    this.growthInterval = state.growth_interval;
    this.initGrowthTracker = state._growth_tracker;
    this.state?.scale.fill_(state.scale);
    this.state?.growthTracker.fill_(state._growth_tracker);
  }

  private begun(): { scale: Tensor; growthTracker: Tensor } {
    this.state ??= {
      scale: full([1], this.initScale, { dtype: float32 }),
      growthTracker: full([1], this.initGrowthTracker, { dtype: int32 }),
    };
    return this.state;
  }

  private required(call: string): { scale: Tensor; growthTracker: Tensor } {
    if (this.state === null)
      throw new CressetError(
        `Attempted ${call} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
      );
    return this.state;
  }

  private stageOf(optimizer: AnyOptimizer): Stage {
    let stage = this.stages.get(optimizer);
    if (stage === undefined) {
      stage = { name: "ready", foundInf: null };
      this.stages.set(optimizer, stage);
    }
    return stage;
  }
}

/** Multiplies all gradients of an optimizer by `inverse`; 1 where one has an infinity or NaN, of shape (1), or null without gradients. */
function unscaled(optimizer: AnyOptimizer, inverse: Tensor): Tensor | null {
  let found: Tensor | null = null;
  for (const { params } of optimizer.paramGroups) {
    for (const { grad } of params) {
      if (grad === null) continue;
      if (grad.dtype === float16) throw new ArgumentError("Attempting to unscale FP16 gradients.");
      found ??= full([1], 0, { dtype: float32 });
      found.logicalOr_(grad.isfinite().all().logicalNot());
      grad.mul_(inverse);
    }
  }
  return found;
}
