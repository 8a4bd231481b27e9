// Random programs of tensors and gradients: leaves, broadcasting, views, writes in place to views and bases, detach and `.data`, hooks,
// retained gradients, several backwards, derivatives of derivatives, blocks without recording.

import { backward, derivative, flag, hook, ofGradient, retained } from "./graph-backward";
import { assignedGradient, copied, into, replaced } from "./graph-copies";
import { gathered, ordered, scattered } from "./graph-indexing";
import { contracted, layered } from "./graph-network";
import { binary, chosen, composite, joined, product, reduction, unary } from "./graph-operations";
import { detached, reshaped, view } from "./graph-views";
import { assigned, inPlace } from "./graph-writes";
import { type Form, GraphWriter } from "./graph-writer";
import type { StatementProgram } from "./statements-kind";

/** The kinds of statements, by weight. */
const FORMS: readonly (readonly [weight: number, form: Form])[] = [
  [14, unary],
  [18, binary],
  [8, reduction],
  [16, view],
  [6, joined],
  [5, product],
  [6, chosen],
  [4, composite],
  [14, inPlace],
  [6, assigned],
  [3, reshaped],
  [5, detached],
  [5, hook],
  [4, retained],
  [7, backward],
  [5, derivative],
  [4, ofGradient],
  [2, flag],
  [2, (w) => w.leaf()],
  [4, gathered],
  [4, scattered],
  [3, ordered],
  [3, contracted],
  [3, layered],
  [2, copied],
  [2, into],
  [1, replaced],
  [1, assignedGradient],
];

function tryAdd(w: GraphWriter, form: Form): boolean {
  const statement = form(w);
  if (statement === undefined) return false;
  if (
    w.random.chance(7) &&
    statement.out.length <= 1 &&
    statement.named?.out === undefined &&
    !/hook|Grad|backward|grad$/i.test(statement.call)
  )
    statement.noGrad = true;
  w.add(statement);
  return true;
}

/** The program of a seed. */
export function generateGraph(seed: number): StatementProgram {
  const w = new GraphWriter(seed);
  for (let k = 1 + w.random.below(3); k >= 0; k--) w.add(w.leaf());
  for (let k = 3 + w.random.below(14); k > 0; k--) {
    const form = w.random.weighted(FORMS);
    for (let tries = 0; tries < 4; tries++) if (tryAdd(w, form)) break;
  }
  if (w.random.chance(80)) tryAdd(w, backward);
  return { seed, statements: w.statements };
}
