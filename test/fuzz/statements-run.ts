// Runs programs of statements here. The counterpart of statements.py.

import * as torch from "../../core/index";
import { Tensor } from "../../core/tensor/tensor";
import type { Spelling } from "./statements";

type Element = number | string | boolean;

/** What is seen of a tensor. */
export type SeenTensor = [
  shape: number[],
  strides: number[],
  dtype: string,
  requiresGrad: boolean,
  isLeaf: boolean | null,
  /** Writes in place since the tensor was first seen under its name. */
  version: number,
  /** The name of the node that made it, "raises" where asking for the node is refused. */
  node: string | null,
  values: Element[],
  /** Which memory it lies in: the name of the first seen tensor of the same memory, "" without elements. */
  memory: string,
  /** Which object it is: the name of the first seen one. */
  object: string,
];

/** What is seen of a variable, a part of a variable, or a gradient; null for what is gone. */
export type Seen = SeenTensor | Element | null;

/** What came of one statement: its error, and what looks different from before. */
export type Step = [error: string | null, changes: Record<string, Seen>];

/** What came of a program, by the default dtype that it ran with. Metadata is read after every statement in float64, at the end only in float32. */
export type Outcome = Record<string, Step[]>;

type Scope = Record<string, unknown>;
type Run = (v: Scope, library: typeof torch, F: unknown, nn: unknown, optim: unknown) => void;

const compiled = new Map<string, Run>();

function runOf(text: string): Run {
  let step = compiled.get(text);
  if (step === undefined) {
    step = new Function("v", "torch", "F", "nn", "optim", `"use strict"; ${text};`) as Run;
    if (compiled.size < 20_000) compiled.set(text, step);
  }
  return step;
}

function element(value: unknown): Element {
  if (typeof value === "boolean") return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : String(number).toLowerCase().replace("infinity", "inf");
}

function valuesOf(x: Tensor): Element[] {
  const values: Element[] = [];
  const add = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(add);
    else values.push(element(value));
  };
  add(x.tolist());
  return values;
}

function* parts(variables: Scope): Iterable<[string, unknown]> {
  for (const [name, value] of Object.entries(variables)) {
    if (Array.isArray(value)) {
      for (const [i, each] of value.entries()) yield [`${name}[${i}]`, each];
      continue;
    }
    yield [name, value];
    if (value instanceof Tensor && (leafAndNode(value)[0] !== false || value.retainsGrad) && value.grad !== null)
      yield [`${name}.grad`, value.grad];
    // A module that holds the others would show everything twice.
    if (value instanceof torch.nn.Module && !name.startsWith("net")) {
      for (const [key, parameter] of value.namedParameters()) {
        yield [`${name}.${key}`, parameter];
        if (parameter.grad !== null) yield [`${name}.${key}.grad`, parameter.grad];
      }
      for (const [key, buffer] of value.namedBuffers()) yield [`${name}.${key}`, buffer];
    }
  }
}

function leafAndNode(x: Tensor): [boolean | null, string | null] {
  try {
    const node = x.gradFn;
    return [node === null, node === null ? null : node.name()];
  } catch {
    return [null, "raises"];
  }
}

/** What changed since the last look. */
class Watch {
  private readonly last = new Map<string, string>();
  private readonly first = new Map<string, [Tensor, number]>();

  /** Writes in place since the tensor was first seen under this name. */
  private writes(name: string, x: Tensor): number {
    let first = this.first.get(name);
    if (first?.[0] !== x) {
      first = [x, x._version];
      this.first.set(name, first);
    }
    return x._version - first[1];
  }

  look(variables: Scope): Record<string, Seen> {
    const memories = new Map<unknown, string>();
    const objects = new Map<unknown, string>();
    const firstOf = (found: Map<unknown, string>, key: unknown, name: string): string => {
      const known = found.get(key);
      if (known === undefined) found.set(key, name);
      return known ?? name;
    };
    const seen = new Set<string>();
    const changes: Record<string, Seen> = {};
    for (const [name, x] of parts(variables)) {
      let now: Seen;
      if (x instanceof Tensor) {
        const [isLeaf, node] = leafAndNode(x);
        now = [
          [...x.sizes],
          [...x.strides],
          x.dtype.name,
          x.requiresGrad,
          isLeaf,
          this.writes(name, x),
          node,
          valuesOf(x),
          x.numel() === 0 ? "" : firstOf(memories, `${x.storage.slot}:${x.storage.byteOffset}`, name),
          firstOf(objects, x, name),
        ];
      } else if (x === null || x === undefined) now = null;
      else if (typeof x === "string") now = x;
      else if (typeof x === "number" || typeof x === "boolean") now = element(x);
      else {
        seen.add(name);
        continue;
      }
      seen.add(name);
      const text = JSON.stringify(now);
      if (this.last.get(name) === text) continue;
      this.last.set(name, text);
      changes[name] = now;
    }
    for (const name of this.last.keys()) {
      if (seen.has(name)) continue;
      this.last.delete(name);
      this.first.delete(name);
      changes[name] = null;
    }
    return changes;
  }
}

/** A program's variables while it runs, or while it is written: then its statements run as they are added. */
export class Running {
  readonly variables: Scope = {};

  constructor(seed: number, dtype: "float64" | "float32" = "float64") {
    torch.setDefaultDtype(dtype === "float64" ? torch.float64 : torch.float32);
    torch.manualSeed(seed);
  }

  /** Runs a statement; the error that it raised, or null. */
  step({ typescript }: Pick<Spelling, "typescript">): string | null {
    try {
      runOf(typescript)(this.variables, torch, torch.nn.functional, torch.nn, torch.optim);
      return null;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    } finally {
      if (!torch.isGradEnabled()) torch.setGradEnabled(true);
    }
  }

  tensor(name: string): Tensor | null {
    const value = this.variables[name];
    return value instanceof Tensor ? value : null;
  }

  /** Whether a variable is a leaf; null where the library refuses to say, as for a part whose base was written. */
  isLeaf(name: string): boolean | null {
    const x = this.tensor(name);
    return x === null ? null : leafAndNode(x)[0];
  }
}

/** Runs a whole program. */
export function runHere(
  statements: readonly Spelling[],
  { seed, every, dtypes }: { seed: number; every: number; dtypes: readonly string[] },
): Outcome {
  const outcome: Outcome = {};
  try {
    for (const dtype of dtypes) {
      const running = new Running(seed, dtype as "float64" | "float32");
      const watch = new Watch();
      outcome[dtype] = statements.map((statement, k) => {
        const error = running.step(statement);
        const look = (dtype === "float64" && k % every === 0) || k === statements.length - 1;
        return [error, look ? watch.look(running.variables) : {}];
      });
    }
  } finally {
    torch.setDefaultDtype(torch.float32);
  }
  return outcome;
}
