// Limited-memory BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4). Source: torch.optim.LBFGS.

import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { cat } from "../ops/create/join";
import { Tensor } from "../tensor/tensor";
import { type Point, strongWolfe } from "./line-search";
import { type NamedOptions, Optimizer, type Parameters, type ParameterState } from "./optimizer";

/** Options of LBFGS. */
export interface LBFGSOptions {
  /** Step length. Default 1. */
  lr: number;
  /** Iterations per step. Default 20. */
  maxIter: number;
  /** Evaluations per step. Default 1.25 · maxIter. */
  maxEval: number | null;
  toleranceGrad: number;
  toleranceChange: number;
  /** How many updates are remembered. Default 100. */
  historySize: number;
  lineSearchFn: "strong_wolfe" | null;
}

/** What is remembered between steps. */
interface Memory {
  iterations: number;
  evaluations: number;
  direction: Tensor | null;
  length: number;
  /** Changes of the gradient, and of the parameters, newest last. */
  gradients: Tensor[];
  moves: Tensor[];
  /** Scale of the first approximation of the inverse Hessian. */
  scale: number;
  previous: Tensor | null;
}

const dot = (a: Tensor, b: Tensor) => a.dot(b).item();
const largest = (x: Tensor) => x.abs().max().item();

/**
 * L-BFGS over all parameters together; `step` needs a closure that computes the loss again. Options: `lr` (1), `maxIter` (20),
 * `maxEval`, `toleranceGrad` (1e-7), `toleranceChange` (1e-9), `historySize` (100), `lineSearchFn` ("strong_wolfe" or null).
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def LBFGS(value params, float lr=1, int maxIter=20, int? maxEval=None, float toleranceGrad=1e-07, float toleranceChange=1e-09, int historySize=100, str? lineSearchFn=None)",
  );
  static {
    readsMethods(LBFGS, "def LBFGS.step(function closure)");
  }

  constructor(
    params: Parameters<LBFGSOptions>,
    ...args: Arguments<
      [
        lr?: number,
        maxIter?: number,
        maxEval?: number | null,
        toleranceGrad?: number,
        toleranceChange?: number,
        historySize?: number,
        lineSearchFn?: "strong_wolfe" | null,
      ],
      Partial<LBFGSOptions>
    >
  );
  constructor(options: NamedOptions<LBFGSOptions>);
  constructor(...args: unknown[]) {
    const { params, ...all } = LBFGS[signature].complete<NamedOptions<LBFGSOptions>>(args);
    super(params, { ...all, maxEval: all.maxEval ?? Math.floor((all.maxIter * 5) / 4) });
    if (this.paramGroups.length !== 1) {
      throw new ArgumentError("LBFGS doesn't support per-parameter options (parameter groups)");
    }
    if (all.lineSearchFn !== null && all.lineSearchFn !== "strong_wolfe") {
      throw new CressetError("only 'strong_wolfe' is supported");
    }
  }

  private get parameters(): readonly Tensor[] {
    return this.paramGroups[0].params;
  }

  /** The state of the whole is kept with the first parameter, as in PyTorch's checkpoints. */
  private get memory(): Memory {
    const kept: ParameterState = this.state.get(this.parameters[0]) ?? {};
    const number = (name: string, missing: number): number => {
      const value = kept[name];
      return typeof value === "number" ? value : missing;
    };
    const one = (name: string): Tensor | null => {
      const value = kept[name];
      return value instanceof Tensor ? value : null;
    };
    const list = (name: string): Tensor[] => {
      const value = kept[name];
      return Array.isArray(value) ? [...value] : [];
    };
    return {
      iterations: number("n_iter", 0),
      evaluations: number("func_evals", 0),
      direction: one("d"),
      length: number("t", 0),
      gradients: list("old_dirs"),
      moves: list("old_stps"),
      scale: number("H_diag", 1),
      previous: one("prev_flat_grad"),
    };
  }

  private remember(memory: Memory): void {
    this.state.set(this.parameters[0], {
      func_evals: memory.evaluations,
      n_iter: memory.iterations,
      d: memory.direction,
      t: memory.length,
      old_dirs: memory.gradients,
      old_stps: memory.moves,
      H_diag: memory.scale,
      prev_flat_grad: memory.previous,
    });
  }

  private flatGradient(): Tensor {
    return cat(this.parameters.map((p) => (p.grad === null ? p.newZeros([p.numel()]) : p.grad.reshape([-1]))));
  }

  /** Moves all parameters along a direction. */
  private move(length: number, direction: Tensor): void {
    let at = 0;
    for (const p of this.parameters) {
      const part = direction.narrow(0, at, p.numel()).reshape([...p.sizes]);
      p.add_(part, { alpha: length });
      at += p.numel();
    }
  }

  protected update(): void {
    throw new CressetError("LBFGS updates all parameters together: call step(closure)");
  }

  override step(): null;
  override step<L>(closure: () => L): L;
  override step<L>(options: { closure: () => L }): L;
  override step<L>(...args: unknown[]): L | null {
    const once = (given: unknown): L => {
      const closure = given as () => L;
      this.stepCount++;
      return withGradMode(false, () => this.iterate(() => withGradMode(true, closure)));
    };
    return this.hooks === null ? once(args[0]) : this.hooked(args[0], once);
  }

  private iterate<L>(closure: () => L): L {
    const [group] = this.paramGroups;
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn } = group;
    const most = group.maxEval ?? maxIter;
    const memory = this.memory;
    const evaluated = (): { loss: L; value: number } => {
      const loss = closure();
      memory.evaluations++;
      return { loss, value: Number(loss instanceof Tensor ? loss.item() : loss) };
    };
    const first = evaluated();
    let { value } = first;
    let gradient = this.flatGradient();
    if (largest(gradient) <= toleranceGrad) return first.loss;
    let evaluations = 1;
    for (let k = 1; k <= maxIter; k++) {
      memory.iterations++;
      const direction = this.direction(memory, gradient, historySize);
      memory.previous = gradient.clone();
      const before = value;
      memory.direction = direction;
      memory.length = memory.iterations === 1 ? Math.min(1, 1 / gradient.abs().sum().item()) * lr : lr;
      const slope = dot(gradient, direction);
      if (slope > -toleranceChange) break;
      if (lineSearchFn !== null) {
        const start: Point = { at: 0, value, gradient, slope };
        const saved = this.parameters.map((p) => p.clone());
        const evaluate = (at: number): Point => {
          this.move(at, direction);
          const found = evaluated().value;
          const g = this.flatGradient();
          this.parameters.forEach((p, i) => {
            p.copy_(saved[i]);
          });
          return { at, value: found, gradient: g, slope: dot(g, direction) };
        };
        const found = strongWolfe(evaluate, start, memory.length, largest(direction), toleranceChange);
        memory.length = found.point.at;
        ({ value, gradient } = found.point);
        evaluations += found.evaluations;
        this.move(memory.length, direction);
      } else {
        this.move(memory.length, direction);
        // The last move is not evaluated: the next step begins with that.
        if (k !== maxIter) {
          value = evaluated().value;
          gradient = this.flatGradient();
          evaluations++;
        }
      }
      if (k === maxIter || evaluations >= most || largest(gradient) <= toleranceGrad) break;
      if (largest(direction) * memory.length <= toleranceChange || Math.abs(value - before) < toleranceChange) break;
    }
    this.remember(memory);
    return first.loss;
  }

  /** The approximate inverse Hessian times minus the gradient; takes the last move into the memory first. */
  private direction(memory: Memory, gradient: Tensor, historySize: number): Tensor {
    const { gradients, moves, direction, previous } = memory;
    if (memory.iterations === 1 || direction === null || previous === null) return gradient.neg();
    const change = gradient.sub(previous);
    const move = direction.mul(memory.length);
    const curvature = dot(change, move);
    if (curvature > 1e-10) {
      if (gradients.length === historySize) {
        gradients.shift();
        moves.shift();
      }
      gradients.push(change);
      moves.push(move);
      memory.scale = curvature / dot(change, change);
    }
    const inverse = gradients.map((y, k) => 1 / dot(y, moves[k]));
    const weights = new Array<number>(gradients.length).fill(0);
    const q = gradient.neg();
    for (let k = gradients.length - 1; k >= 0; k--) {
      weights[k] = dot(moves[k], q) * inverse[k];
      q.add_(gradients[k], { alpha: -weights[k] });
    }
    const r = q.mul(memory.scale);
    for (let k = 0; k < gradients.length; k++) {
      r.add_(moves[k], { alpha: weights[k] - dot(gradients[k], r) * inverse[k] });
    }
    return r;
  }
}
