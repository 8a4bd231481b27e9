// Backward of one node in anomaly mode.

import { AutogradError } from "../errors";
import { checksNan, originOf } from "./anomaly";
import type { Gradients, Node } from "./node";

/** What a node gives in anomaly mode. Throws AutogradError for NaN; every error has the place in forward as its cause. */
export function watched(node: Node, grads: Gradients, createGraph: boolean): Gradients {
  try {
    const results = node.apply(grads, createGraph);
    if (checksNan()) {
      const at = results.findIndex((grad) => grad?.detach().isnan().any().item());
      if (at >= 0) throw new AutogradError(`Function '${node.label}' returned nan values in its ${at}th output.`);
    }
    return results;
  } catch (error) {
    const origin = originOf(node);
    if (origin !== undefined && error instanceof Error && error.cause === undefined) error.cause = origin;
    throw error;
  }
}
