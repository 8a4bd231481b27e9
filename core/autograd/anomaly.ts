// Anomaly mode: backward stops at the first NaN and tells which operation of forward went wrong.

import { AutogradError } from "../errors";
import { isNonzero } from "../ops/shared/query";
import { Scoped } from "../scoped";
import type { Gradients, Node } from "./node";

interface Mode {
  detect: boolean;
  checkNan: boolean;
}

const mode = new Scoped<Mode>({ detect: false, checkNan: true });

/** Where nodes were recorded, for those recorded in anomaly mode. */
const origins = new WeakMap<Node, Error>();

/** Whether anomaly mode is on (PyTorch: `torch.is_anomaly_enabled`). */
export function isAnomalyEnabled(): boolean {
  return mode.value.detect;
}

/**
 * Turns anomaly mode on or off: an error in backward then has the place in forward as its `cause`, and with `checkNan` (true) a
 * gradient that is NaN is an AutogradError. It slows recording and backward down. Source: torch.autograd.set_detect_anomaly.
 */
export function setDetectAnomaly(detect: boolean, checkNan = true): void {
  mode.set({ detect, checkNan });
}

/** Runs a function in anomaly mode and returns its result; the mode of an async one lasts until its promise settles. Source: torch.autograd.detect_anomaly. */
export function detectAnomaly<T>(body: () => T, checkNan = true): T {
  return mode.during({ detect: true, checkNan }, body);
}

/** Remembers where a node was recorded. */
export function noteOrigin(node: Node): void {
  if (mode.value.detect) origins.set(node, new Error("forward call that caused the error"));
}

/** What a node gives in anomaly mode. Throws AutogradError for NaN; every error has the place in forward as its cause. */
export function watched(node: Node, grads: Gradients, createGraph: boolean): Gradients {
  try {
    const results = node.apply(grads, createGraph);
    if (mode.value.checkNan) {
      const at = results.findIndex((grad) => grad && isNonzero(grad.detach().isnan().any()));
      if (at >= 0) throw new AutogradError(`Function '${node.label}' returned nan values in its ${at}th output.`);
    }
    return results;
  } catch (error) {
    const origin = origins.get(node);
    if (origin !== undefined && error instanceof Error && error.cause === undefined) error.cause = origin;
    throw error;
  }
}
