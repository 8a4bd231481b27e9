// Cells of a notebook: one after another, their output to everyone, their replies to who asked. Nothing here waits for a cell in a
// way that would hold up other messages.

import type { MimeBundle } from "../../core/display/host";
import { cannotAsk, displayOutput, errorOutput, type Output, resultOutput, streamOutput } from "../notebook/outputs";
import type { EvaluateReply, Payload, SessionError, SessionEvent } from "../session/protocol";
import type { HistoryEntry } from "../session/history";
import type { Session } from "../session/session";
import type { Content, Header, Message } from "./wire";

/** How this part talks to clients. */
export interface Clients {
  publish(type: string, content: Content, parent: Partial<Header>): void;
  reply(request: Message, content: Content, metadata?: Content): void;
  /** Asks the client of `request` for input. */
  ask(request: Message, prompt: string, password: boolean): void;
  /** Tells who runs the kernel of something that should not happen. */
  complain(error: unknown): void;
}

const flushAfter = 20;
const flushAt = 1 << 16;
const arriveWithin = 5;
const withoutCode: SessionError = {
  kind: "check",
  name: "RequestError",
  message: "An execute_request without code",
  traceback: ["RequestError: An execute_request without code"],
};

export class Execution {
  private count = 0;
  private readonly waiting: Message[] = [];
  private current: Message | null = null;
  /** Output that comes after its cell has ended still belongs to it. */
  private parent: Partial<Header> = {};
  private silent = false;
  /** The running cell in the history; one that does not count, or is empty, is not there. */
  private stored: HistoryEntry | null = null;
  /** The text of its value. */
  private output: string | undefined;
  private payloads: Payload[] = [];
  /** Where the value of a user expression goes instead of to everyone. */
  private capture: ((bundle: MimeBundle) => void) | null = null;
  private readonly text = { name: "stdout" as "stdout" | "stderr", pieces: [] as string[], length: 0 };
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly session: Session,
    private readonly clients: Clients,
  ) {
    session.on(<T extends SessionEvent["type"]>(event: Extract<SessionEvent, { type: T }>) => {
      if (event.type !== "stream") this.flush();
      this.shows[event.type as T](event);
    });
  }

  /** Queues an execute_request. */
  add(request: Message): void {
    this.waiting.push(request);
    if (!this.current) void this.work();
  }

  /** The request that runs. */
  get running(): Message | null {
    return this.current;
  }

  /** Answers an input_request. */
  input(value: string): void {
    this.session.input(value);
  }

  private async work(): Promise<void> {
    for (let request = this.waiting.shift(); request; request = this.waiting.shift()) {
      this.current = request;
      try {
        await this.run(request);
      } catch (error) {
        this.clients.complain(error);
      }
    }
    this.current = null;
  }

  private async run(request: Message): Promise<void> {
    const { content, header } = request;
    const metadata = { started: new Date().toISOString() };
    this.silent = content.silent === true;
    this.parent = header;
    this.payloads = [];
    this.clients.publish("status", { execution_state: "busy" }, header);
    const error = typeof content.code === "string" ? await this.evaluate(content.code, content) : withoutCode;
    this.flush();
    const counted = { execution_count: this.count, payload: this.payloads };
    let dropped: Message[] = [];
    if (error) {
      const told = errorContent(error);
      if (!this.silent) this.clients.publish("error", told, header);
      // What the client sent before it knew of the error is not run; some of it may still be on its way in.
      if (content.stop_on_error !== false) {
        await new Promise((resolve) => setTimeout(resolve, arriveWithin));
        dropped = this.waiting.splice(0);
      }
      this.clients.reply(request, { status: "error", ...told, ...counted, user_expressions: {} }, metadata);
    } else {
      const values = await this.evaluateAll(content.user_expressions);
      this.clients.reply(request, { status: "ok", ...counted, user_expressions: values }, metadata);
    }
    this.clients.publish("status", { execution_state: "idle" }, header);
    for (const request of dropped) this.abort(request);
  }

  private async evaluate(code: string, content: Content): Promise<SessionError | undefined> {
    const { history } = this.session;
    const counts = !this.silent && content.store_history !== false && code.trim() !== "";
    this.stored = counts ? history.add(code, ++this.count) : null;
    this.output = undefined;
    if (!this.silent) this.clients.publish("execute_input", { code, execution_count: this.count }, this.parent);
    const { status, duration, error } = await this.session.evaluate(code, this.count, counts);
    if (this.stored) history.finish(this.stored, { status, duration, output: this.output });
    return error;
  }

  private abort(request: Message): void {
    this.clients.publish("status", { execution_state: "busy" }, request.header);
    const content = { ename: "Aborted", evalue: "an earlier cell failed", traceback: [], execution_count: this.count };
    this.clients.reply(request, { status: "aborted", ...content });
    this.clients.publish("status", { execution_state: "idle" }, request.header);
  }

  private async evaluateAll(expressions: unknown): Promise<Content> {
    const values: Content = {};
    if (typeof expressions !== "object" || expressions === null) return values;
    for (const [name, code] of Object.entries(expressions)) {
      let data: MimeBundle = { "text/plain": "undefined" };
      this.capture = (bundle) => {
        data = bundle;
      };
      const { error }: EvaluateReply = await this.session.evaluate(String(code), this.count, false);
      values[name] = error ? { status: "error", ...errorContent(error) } : { status: "ok", data, metadata: {} };
    }
    this.capture = null;
    return values;
  }

  /** What each event of the session becomes. */
  private readonly shows: { [T in SessionEvent["type"]]: (event: Extract<SessionEvent, { type: T }>) => unknown } = {
    stream: ({ name, text }) => this.write(name, text),
    display: ({ bundle, id }) => this.display("display_data", bundle, id),
    updateDisplay: ({ bundle, id }) => this.display("update_display_data", bundle, id),
    // A picture that will not change again needs no word in a notebook.
    finishDisplay: () => {},
    result: ({ bundle }) => {
      if (this.capture) return this.capture(bundle);
      if (this.silent) return;
      this.output = String(bundle["text/plain"]);
      this.publish(resultOutput(bundle, this.count));
    },
    clearOutput: ({ wait }) => this.clients.publish("clear_output", { wait }, this.parent),
    payload: ({ payload }) => this.payloads.push(payload),
    inputRequest: ({ prompt, password }) => {
      if (this.current?.content.allow_stdin === true) this.clients.ask(this.current, prompt, password);
      else this.session.refuseInput(cannotAsk);
    },
    status: (event) => {
      if (event.state === "died" && !event.replied) this.write("stderr", `${event.reason}; variables are gone\n`);
    },
  };

  private display(type: "display_data" | "update_display_data", data: MimeBundle, id: string | undefined): void {
    const { output_type: _, ...content } = displayOutput(data);
    const transient = id === undefined ? {} : { display_id: id };
    this.clients.publish(type, { ...content, transient }, this.parent);
  }

  private publish({ output_type: type, ...content }: Output): void {
    this.clients.publish(type, content, this.parent);
  }

  /** A loop that prints makes a few messages, not one for each line. */
  private write(name: "stdout" | "stderr", piece: string): void {
    const { text } = this;
    if (text.name !== name || text.length >= flushAt) this.flush();
    text.name = name;
    text.pieces.push(piece);
    text.length += piece.length;
    this.timer ??= setTimeout(() => this.flush(), flushAfter);
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const { text } = this;
    if (text.length > 0) this.publish(streamOutput(text.name, text.pieces.join("")));
    text.pieces = [];
    text.length = 0;
  }
}

function errorContent(error: SessionError): Content {
  const { output_type: _, ...content } = errorOutput(error);
  return content;
}
