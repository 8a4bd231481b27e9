// Anomaly mode: backward stops at the first NaN and tells which operation of forward went wrong.

import { overloaded, signed } from "../arguments/signed";
import { type Ending, withEntry } from "../disposable";
import { Scoped } from "../scoped";

interface Mode {
  detect: boolean;
  checkNan: boolean;
}

const mode = new Scoped<Mode>({ detect: false, checkNan: true });

/** Where nodes were recorded, for those recorded in anomaly mode. */
const origins = new WeakMap<object, Error>();

/** Whether anomaly mode is on (PyTorch: `torch.is_anomaly_enabled`). */
export function isAnomalyEnabled(): boolean {
  return mode.value.detect;
}

/**
 * Turns anomaly mode on or off: an error in backward then has the place in forward as its `cause`, and with `checkNan` (true) a
 * gradient that is NaN is an AutogradError. It slows recording and backward down. With `using` it lasts to the end of the block.
 * Source: torch.autograd.set_detect_anomaly.
 */
export const setDetectAnomaly = signed("def setDetectAnomaly(bool mode, bool checkNan=True)", setDetectAnomalyTo);

function setDetectAnomalyTo(detect: boolean, checkNan = true): Ending {
  return { [Symbol.dispose]: mode.enter({ detect, checkNan }) };
}

/**
 * Runs a function in anomaly mode and returns its result; the mode of an async one lasts until its promise settles. Without a function
 * it gives a mode for the rest of a block: `using _ = torch.autograd.detectAnomaly();`. Source: torch.autograd.detect_anomaly.
 */
export const detectAnomaly: DetectAnomaly = overloaded(
  ["def detectAnomaly(bool checkNan=True)", detectAnomalyOn],
  ["def detectAnomaly(function body, bool checkNan=True)", detectAnomalyDuring],
);

interface DetectAnomaly {
  <T>(body: () => T, checkNan?: boolean | AnomalyOptions): T;
  (checkNan?: boolean | AnomalyOptions): Ending;
}

interface AnomalyOptions {
  /** Whether a gradient that is NaN is an error. Default true. */
  checkNan?: boolean;
}

function detectAnomalyOn(checkNan = true): Ending {
  return withEntry({}, () => mode.enter({ detect: true, checkNan }));
}

function detectAnomalyDuring(body: () => unknown, checkNan = true): unknown {
  return mode.during({ detect: true, checkNan }, body);
}

/** Remembers where a node was recorded. */
export function noteOrigin(node: object): void {
  if (mode.value.detect) origins.set(node, new Error("forward call that caused the error"));
}

/** Where a node was recorded, if that was in anomaly mode. */
export function originOf(node: object): Error | undefined {
  return origins.get(node);
}

/** Whether anomaly mode refuses gradients that are NaN. */
export function checksNan(): boolean {
  return mode.value.checkNan;
}
