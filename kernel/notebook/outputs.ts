// What a session tells, in Jupyter's words: the outputs of a notebook file. The kernel's messages have the same fields, so both are
// made here.

import type { MimeBundle } from "../../core/display/host";
import type { SessionError } from "../session/protocol";

/** Text that a cell wrote. */
export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: string;
}

/** What a cell showed. */
export interface DisplayOutput {
  output_type: "display_data";
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** The value of a cell's last expression. */
export interface ResultOutput {
  output_type: "execute_result";
  data: MimeBundle;
  metadata: Record<string, unknown>;
  execution_count: number | null;
}

/** How a cell failed. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** One entry of a cell's outputs. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** The error of a cell that asks for input where nobody can be asked. */
export const cannotAsk = "Nobody can be asked for input here: the program that runs this cell does not allow it";

export function streamOutput(name: "stdout" | "stderr", text: string): StreamOutput {
  return { output_type: "stream", name, text };
}

export function displayOutput(data: MimeBundle): DisplayOutput {
  return { output_type: "display_data", data, metadata: {} };
}

export function resultOutput(data: MimeBundle, count: number): ResultOutput {
  return { output_type: "execute_result", data, metadata: {}, execution_count: count };
}

export function errorOutput({ name, message, traceback }: SessionError): ErrorOutput {
  return { output_type: "error", ename: name, evalue: message, traceback };
}
