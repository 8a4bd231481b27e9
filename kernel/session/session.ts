// A session as its front-end sees it: two child processes behind one object. The language process checks, transforms and
// completes; the executor owns variables and tensors, and may die without taking the language process or the front-end along.

import type { CompleteReply, EvaluateReply, InspectReply, IsCompleteReply, SessionEvent } from "./protocol";

export interface SessionOptions {
  /** Working directory of cells; default: the process's own. */
  cwd?: string;
  /** "text" when the front-end can draw only text/plain (a terminal); default "rich". */
  display?: "rich" | "text";
}

export interface Session {
  /** Checks and runs one cell. Never rejects for what the user's code does. Calls are queued in order. */
  evaluate(code: string, cell: number): Promise<EvaluateReply>;
  complete(code: string, offset: number): Promise<CompleteReply>;
  inspect(code: string, offset: number): Promise<InspectReply>;
  isComplete(code: string): Promise<IsCompleteReply>;
  /** Stops the running cell and keeps variables. */
  interrupt(): void;
  /** Answers an inputRequest event. */
  input(text: string): void;
  /** Ends the executor and starts a new one; variables are gone. */
  restart(): Promise<void>;
  /** Ends both processes. */
  close(): Promise<void>;
  on(listener: (event: SessionEvent) => void): () => void;
}
