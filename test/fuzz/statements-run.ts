// Runs programs of statements here. The counterpart of statements.py.

import * as torch from "../../core/index";
import { Tensor } from "../../core/tensor/tensor";
import type { Spelling } from "./statements";

/** What is seen of a tensor when its program has ended. */
export interface Described {
  shape: number[];
  strides: number[];
  dtype: string;
  requiresGrad: boolean;
  isLeaf: boolean;
  /** Writes in place since the tensor was made. */
  version: number;
  node: string | null;
  values: (number | string | boolean)[];
  grad: (number | string | boolean)[] | null;
  /** Which memory it lies in: equal for tensors that share memory, 0 for tensors without elements. */
  place: number | string;
  gradPlace: number | string;
}

/** What is seen of a variable: a tensor, a number, the text of a module, or the error of looking. */
export type Seen = Described | { number: number | string } | { text: string } | { error: string };

/** What came of a program. */
export interface Outcome {
  /** By statement: the error that it raised. */
  errors: (string | null)[];
  variables: Record<string, Seen>;
}

/** A statement as both sides run it. */
export interface Runnable extends Spelling {
  out: readonly string[];
}

type Scope = Record<string, unknown>;
type Step = (v: Scope, library: typeof torch, F: unknown, nn: unknown, optim: unknown) => void;

const steps = new Map<string, Step>();

function stepOf(text: string): Step {
  let step = steps.get(text);
  if (step === undefined) {
    step = new Function("v", "torch", "F", "nn", "optim", `"use strict"; ${text};`) as Step;
    if (steps.size < 20_000) steps.set(text, step);
  }
  return step;
}

function element(value: unknown): number | string | boolean {
  if (typeof value === "boolean") return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : String(number).toLowerCase().replace("infinity", "inf");
}

function valuesOf(x: Tensor): (number | string | boolean)[] {
  return (x.detach().reshape([-1]).tolist() as unknown[]).map(element);
}

function place(x: Tensor): string | number {
  return x.numel() === 0 ? 0 : `${x.storage.slot}:${x.storage.byteOffset}`;
}

function described(x: Tensor, since: number): Described {
  const node = x.gradFn;
  const grad = x.isLeaf || x.retainsGrad ? x.grad : null;
  return {
    shape: [...x.shape],
    strides: x.stride(),
    dtype: x.dtype.name,
    requiresGrad: x.requiresGrad,
    isLeaf: x.isLeaf,
    version: x._version - since,
    node: node === null ? null : node.name(),
    values: valuesOf(x),
    grad: grad === null ? null : valuesOf(grad),
    place: place(x),
    gradPlace: grad === null ? 0 : place(grad),
  };
}

/** A program's variables while it is written: its statements run as they are added. */
export class Running {
  readonly variables: Scope = {};
  private readonly versions = new Map<string, number>();

  constructor(seed: number) {
    torch.manualSeed(seed);
  }

  /** Runs a statement; the error that it raised, or null. */
  step({ typescript, out }: Runnable): string | null {
    try {
      stepOf(typescript)(this.variables, torch, torch.nn.functional, torch.nn, torch.optim);
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    for (const name of out) {
      const value = this.variables[name];
      if (value instanceof Tensor) this.versions.set(name, value._version);
    }
    return null;
  }

  tensor(name: string): Tensor | null {
    const value = this.variables[name];
    return value instanceof Tensor ? value : null;
  }

  seen(): Record<string, Seen> {
    const found: Record<string, Seen> = {};
    for (const [name, value] of Object.entries(this.variables)) {
      if (value instanceof Tensor) {
        try {
          found[name] = described(value, this.versions.get(name) ?? 0);
        } catch (error) {
          found[name] = { error: String(error) };
        }
      } else if (typeof value === "number" || typeof value === "boolean")
        found[name] = { number: element(value) as number };
      else if (value instanceof torch.nn.Module) found[name] = { text: String(value) };
    }
    return found;
  }
}

/** Runs a whole program. */
export function runHere(statements: readonly Runnable[], seed: number): Outcome {
  const running = new Running(seed);
  const errors = statements.map((statement) => running.step(statement));
  return { errors, variables: running.seen() };
}
