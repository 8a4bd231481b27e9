// Errors of a session's own, in words for people.

import type { Death } from "./executor-process";
import type { SessionError } from "./protocol";

/** An error without an excerpt. */
export function failure(kind: SessionError["kind"], name: string, message: string): SessionError {
  return { kind, name, message, traceback: [`${name}: ${message}`] };
}

/** What an end by a signal means to people. */
const signalMeanings: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "was killed, perhaps because memory ran out",
  SIGABRT: "aborted",
  SIGSEGV: "crashed in native code",
  SIGBUS: "crashed in native code",
  SIGILL: "crashed in native code",
  SIGFPE: "crashed in native code",
};

/** Why an executor has ended, as a sentence. */
export function deathReason({ code, signal, reason }: Death): string {
  if (reason !== undefined) return reason;
  if (!signal) return `The executor ended with exit status ${code}`;
  return `The executor ${signalMeanings[signal] ?? "was ended"} (${signal})`;
}

/** The error of a cell that was running, or waiting to run, when somebody wished the session to begin anew. */
export function restarted(label: string): SessionError {
  return failure(
    "died",
    "SessionRestarted",
    `${label} was ended: the session was started again, and variables are gone`,
  );
}
