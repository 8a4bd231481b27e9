// The console: takes events from the keyboard and from the session, keeps the cells that wait, and decides when a frame is drawn.
// All state is here and in the prompts; drawing only reads it, so keys and output may come at any rate.

import type { HistoryEntry } from "../kernel/session/history";
import type { EvaluateReply, IsCompleteReply, SessionEvent } from "../kernel/session/protocol";
import type { Session } from "../kernel/session/session";
import type { History } from "./editor/history";
import type { InputEvent } from "./input/events";
import { AnswerPrompt } from "./prompt/answer";
import { type CellHost, CellPrompt } from "./prompt/cell";
import type { Prompt } from "./prompt/prompt";
import { SearchPrompt } from "./prompt/search";
import { signatureRows } from "./prompt/signature";
import { Transcript } from "./transcript";
import { Docks, plainText } from "./view/docks";
import type { LiveContent } from "./view/layout";
import type { Paint } from "./view/style";

/** How the console reaches the terminal and the process. */
export interface ConsoleHost {
  /** Asks for a frame soon; many calls give one frame. */
  requestFrame(): void;
  clearScreen(): void;
  suspend(): void;
  /** Everything is over; called once. */
  exit(code: number): void;
}

interface Cell {
  code: string;
  number: number;
  entry: HistoryEntry;
}

/** Milliseconds. */
const COMPLETENESS_WAIT = 300;
const QUIET = 150;
const TICK = 200;
/** The keys that may answer what the console asks. */
const CONFIRMS = ["d", "\\", "enter"];

export class Console implements CellHost {
  readonly transcript: Transcript;
  readonly docks = new Docks();
  nextCell = 1;
  private readonly cell: CellPrompt;
  private prompt: Prompt;
  private readonly inbox: InputEvent[] = [];
  private deciding = false;
  private readonly waiting: Cell[] = [];
  private running: (Cell & { since: number; reply: Promise<EvaluateReply> }) | null = null;
  private languageReady = false;
  private interrupted = 0;
  /** What is done when its key is pressed again. */
  private asks: "leave" | "restart" | null = null;
  /** Mistakes of the console's own that were told. */
  private readonly troubles = new Set<string>();
  private ticker: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: Session,
    private readonly history: History,
    private readonly paint: Paint,
    private readonly host: ConsoleHost,
  ) {
    this.transcript = new Transcript(paint);
    this.cell = new CellPrompt(this, history);
    this.prompt = this.cell;
    session.on((event) => this.event(event));
    // The first answer of any kind shows that the session can be asked.
    void session.isComplete("").then(
      () => {
        this.languageReady = true;
      },
      () => {},
    );
  }

  /** What the live region shows now. */
  get content(): LiveContent {
    return {
      docks: (columns, limit) => this.docks.rows(columns, limit),
      menu: (columns, limit) => this.help(columns, limit),
      tail: this.transcript.tail,
      queue: this.waiting.map((cell) => cell.code.split("\n")[0]),
      editor: this.prompt.view(),
      status: this.status,
    };
  }

  /** Takes a key, text or paste; in order, also while an earlier key is still being decided. */
  input(event: InputEvent): void {
    this.inbox.push(event);
    this.drain();
  }

  isComplete(code: string): Promise<IsCompleteReply | null> {
    if (!this.languageReady) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), COMPLETENESS_WAIT);
      const settle = (reply: IsCompleteReply | null): void => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.session.isComplete(code).then(settle, () => settle(null));
    });
  }

  complete(code: string, offset: number): ReturnType<Session["complete"]> {
    return this.session.complete(code, offset).catch(() => ({ start: offset, end: offset, completions: [] }));
  }

  signature(code: string, offset: number): ReturnType<Session["signature"]> {
    return this.session.signature(code, offset).catch(() => ({ signatures: [], active: 0, parameter: 0 }));
  }

  tokens(code: string): ReturnType<Session["tokens"]> {
    return this.session.tokens(code).catch(() => ({ tokens: [], brackets: [] }));
  }

  /** What stands below the cell: what can be chosen, else the call that is being written. */
  private help(columns: number, limit: number): string[] {
    if (this.prompt !== this.cell) return [];
    const { menu, signature } = this.cell;
    return menu?.rows(columns, limit, this.paint) ?? signatureRows(signature.last, columns, limit, this.paint);
  }

  submit(code: string, entry: HistoryEntry): void {
    this.waiting.push({ code, number: this.nextCell++, entry });
    void this.pump();
  }

  inspect(code: string, expression: string, entry: HistoryEntry): void {
    // The session says more about a name, such as a tensor's shape, but not while a cell runs.
    if (this.running === null) {
      this.submit(code, entry);
      return;
    }
    this.transcript.cell(code, this.nextCell++);
    void this.lookUp(expression).then((text) => {
      this.transcript.text(text);
      this.transcript.end();
      this.changed();
    });
  }

  interrupt(): boolean {
    if (this.running === null) return false;
    this.dropWaiting();
    this.interrupted++;
    this.session.interrupt();
    return true;
  }

  restart(): void {
    // Without a cell there is nothing to lose.
    if (this.nextCell > 1 && this.asks !== "restart") {
      this.asks = "restart";
      this.changed();
      return;
    }
    this.asks = null;
    this.dropWaiting();
    void this.restarted();
  }

  /** A mistake of the console's own: it is told once, and everything goes on. */
  trouble(error: unknown): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (this.troubles.has(text)) return;
    this.troubles.add(text);
    this.transcript.notice(`The console failed (${text}); the session goes on.`);
    this.changed();
  }

  search(): void {
    this.prompt = new SearchPrompt(this.history, {
      found: (code) => {
        this.prompt = this.cell;
        if (code !== null) this.cell.buffer.setText(code);
      },
    });
  }

  clearScreen(): void {
    this.host.clearScreen();
  }

  suspend(): void {
    this.host.suspend();
  }

  exit(): void {
    if (this.running !== null && this.asks !== "leave") {
      this.asks = "leave";
      this.changed();
      return;
    }
    this.host.exit(0);
  }

  changed(): void {
    this.host.requestFrame();
  }

  private dropWaiting(): void {
    const count = this.waiting.length;
    if (count > 0) this.transcript.notice(`${count} waiting ${count === 1 ? "cell was" : "cells were"} dropped`);
    this.waiting.length = 0;
  }

  private get status(): string {
    if (this.asks === "restart") return "Ctrl-\\ again starts the session anew: all variables go";
    if (this.running === null) return this.suggestion;
    const elapsed = performance.now() - this.running.since;
    if (this.asks === "leave") return `In [${this.running.number}] is running: Ctrl-D again ends it and leaves`;
    if (elapsed < QUIET) return "";
    const hint = this.interrupted === 0 ? "Ctrl-C stops" : "stopping … Ctrl-\\ restarts the session";
    return `In [${this.running.number}] · ${seconds(elapsed)} · ${hint}`;
  }

  /** What is said of a text that a key would take. */
  private get suggestion(): string {
    const [first, ...more] = (this.prompt === this.cell ? this.cell.suggested : null)?.split("\n") ?? [];
    return first === undefined ? "" : `Tab writes  ${first}${more.length > 0 ? " …" : ""}`;
  }

  private drain(): void {
    while (!this.deciding) {
      const event = this.inbox.shift();
      if (event === undefined) break;
      if (event.type !== "key" || !CONFIRMS.includes(event.name)) this.asks = null;
      const decision = this.attempt(event);
      if (!(decision instanceof Promise)) continue;
      this.deciding = true;
      const decided = (): void => {
        this.deciding = false;
        this.drain();
      };
      decision.catch((error: unknown) => this.trouble(error)).then(decided);
    }
    this.changed();
  }

  private attempt(event: InputEvent): unknown {
    try {
      return this.dispatch(event);
    } catch (error) {
      this.trouble(error);
      return undefined;
    }
  }

  private dispatch(event: InputEvent): unknown {
    if (event.type === "text") this.prompt.text(event.text);
    else if (event.type === "paste") this.prompt.paste(event.text);
    else return this.prompt.key(event);
    return undefined;
  }

  /** What is known about an expression; a name that is not known yet may come from a cell that still runs or waits. */
  private async lookUp(expression: string): Promise<string> {
    for (;;) {
      const { running } = this;
      const reply = await this.session.inspect(expression, expression.length).catch(() => null);
      if (reply?.found) return plainText({ "text/plain": reply.text });
      if (running === null) return `${expression} is not defined`;
      await running.reply;
    }
  }

  /** Runs the next cell that waits, when none runs. */
  private async pump(): Promise<void> {
    if (this.running !== null) return;
    const cell = this.waiting.shift();
    if (cell === undefined) return;
    this.interrupted = 0;
    this.ticker = setInterval(() => this.changed(), TICK);
    const pending = this.session.evaluate(cell.code, cell.number).catch(failed);
    this.running = { ...cell, since: performance.now(), reply: pending };
    try {
      this.transcript.cell(cell.code, cell.number);
      this.changed();
      const reply = await pending;
      this.history.finish(cell.entry, reply.status, reply.duration);
      for (const text of this.docks.finishCell(cell.number)) this.transcript.text(text);
      if (reply.error !== undefined) this.transcript.error(reply.error);
      this.cell.suggest(reply.error?.suggestion ?? null);
      this.transcript.end();
    } catch (error) {
      this.trouble(error);
    }
    await pending;
    clearInterval(this.ticker);
    this.running = null;
    this.asks = null;
    this.prompt = this.prompt instanceof AnswerPrompt ? this.cell : this.prompt;
    this.changed();
    void this.pump();
  }

  private async restarted(): Promise<void> {
    await this.session.restart().then(
      () => this.transcript.notice("The session was started again; variables are gone."),
      (error: unknown) => this.transcript.notice(`The session could not be started again: ${String(error)}`),
    );
    this.changed();
  }

  private event(event: SessionEvent): void {
    switch (event.type) {
      case "stream":
        this.transcript.output(event.text);
        break;
      case "result":
        this.transcript.result(plainText(event.bundle), event.cell);
        break;
      case "display":
        if (event.id === undefined) this.transcript.text(plainText(event.bundle));
        else this.docks.set(event.id, event.cell, plainText(event.bundle));
        break;
      case "updateDisplay":
        this.docks.set(event.id, event.cell, plainText(event.bundle));
        break;
      case "finishDisplay": {
        const text = this.docks.finish(event.id);
        if (text !== null) this.transcript.text(text);
        break;
      }
      // What has scrolled up stays there.
      case "clearOutput":
        break;
      case "payload":
        if (event.payload.source === "page") this.transcript.text(plainText(event.payload.data));
        else this.cell.offer(event.payload.text);
        break;
      case "inputRequest":
        this.ask(event.prompt, event.password);
        break;
      case "status":
        if (event.state === "died" && !event.replied) {
          this.transcript.notice(`${event.reason}; it was started again, and variables are gone.`);
        }
        break;
      default:
        event satisfies never;
    }
    this.changed();
  }

  private ask(question: string, password: boolean): void {
    const lines = question.split("\n");
    if (lines.length > 1) this.transcript.text(lines.slice(0, -1).join("\n"));
    this.prompt = new AnswerPrompt(lines[lines.length - 1], password, {
      answer: (text, shown) => {
        this.prompt = this.cell;
        this.transcript.text(shown);
        this.session.input(text);
      },
      interrupt: () => {
        this.prompt = this.cell;
        this.interrupt();
      },
    });
  }
}

/** A session that cannot even answer. */
function failed(reason: unknown): EvaluateReply {
  return {
    status: "error",
    duration: 0,
    error: { name: "SessionError", message: String(reason), traceback: [], kind: "died" },
  };
}

function seconds(milliseconds: number): string {
  const total = milliseconds / 1000;
  if (total < 60) return `${total.toFixed(1)} s`;
  return `${Math.floor(total / 60)} min ${Math.floor(total % 60)} s`;
}
