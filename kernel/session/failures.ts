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
export function deathReason({ code, signal }: Death): string {
  if (!signal) return `The executor ended with exit status ${code}`;
  return `The executor ${signalMeanings[signal] ?? "was ended"} (${signal})`;
}
