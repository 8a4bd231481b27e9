// A real terminal for tests: tmux on a socket of its own, driven by its command line. Tests wait for what they expect to see, with a
// generous limit; nothing here depends on how fast the machine is.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** The command that people type. */
export const CRESSET = `${process.execPath} ${join(root, "scripts/cresset.js")}`;

/** Milliseconds. */
const LIMIT = 60_000;
const POLL = 50;

let count = 0;

export class Terminal {
  /** A folder of this terminal's own: the history lies in `state`. */
  readonly folder = mkdtempSync(join(tmpdir(), "cresset-terminal-"));
  private readonly socket = `cresset-test-${process.pid}-${++count}`;

  constructor(columns = 120, rows = 40) {
    this.tmux("new-session", "-d", "-s", "t", "-x", String(columns), "-y", String(rows), "sh");
    this.tmux("pipe-pane", "-t", "t", `cat > ${this.folder}/bytes`);
  }

  /** Opens a terminal in which the console runs and shows its first prompt. */
  static async console(environment = "", columns = 120, rows = 40): Promise<Terminal> {
    const terminal = new Terminal(columns, rows);
    await terminal.launch(environment);
    return terminal;
  }

  /** Starts the console from the shell and waits for its prompt; the shell prints its exit code when it ends. */
  async launch(environment = ""): Promise<void> {
    rmSync(join(this.folder, "left"), { force: true });
    const settings = `PS1='sh> '; cd ${this.folder}; export XDG_STATE_HOME=${this.folder}/state`;
    this.line(`${settings}; stty -a > before; echo BEFORE`);
    // On a busy machine the shell's own first prompt arrives after the line typed ahead, in front of its output.
    await this.shows(/^(?:[#$] )?BEFORE\nsh>$/m);
    this.line(`${environment} ${CRESSET}; echo left with $?; stty -a > after; echo done > left`);
    await this.until((screen) => /^In \[1\]:/m.test(screen));
  }

  /** Sends keys by tmux's names, all in one write; what is no name is typed. */
  keys(...names: string[]): void {
    this.tmux("send-keys", "-t", "t", ...names);
  }

  /** Types text as it is. */
  type(text: string): void {
    this.tmux("send-keys", "-t", "t", "-l", "--", text);
  }

  /** Types text and Enter. */
  line(text: string): void {
    this.type(text);
    this.keys("Enter");
  }

  /** Sends bytes as the terminal itself does. */
  paste(text: string, ...flags: string[]): void {
    const file = join(this.folder, "buffer");
    writeFileSync(file, text);
    this.tmux("load-buffer", file);
    this.tmux("paste-buffer", ...flags, "-t", "t");
  }

  resize(columns: number, rows: number): void {
    this.tmux("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows));
  }

  /** What is visible. */
  screen(...flags: string[]): string {
    return this.tmux("capture-pane", "-p", ...flags, "-t", "t").trimEnd();
  }

  /** What is visible, and all that scrolled away; lines that the terminal folded are whole. */
  everything(): string {
    return this.screen("-J", "-S", "-").replace(/ +$/gm, "");
  }

  /** The process id of the shell. */
  shell(): number {
    return Number(this.tmux("display-message", "-p", "-t", "t", "#{pane_pid}"));
  }

  /** Column and row of the cursor. */
  cursor(): [number, number] {
    const [x, y] = this.tmux("display-message", "-p", "-t", "t", "#{cursor_x} #{cursor_y}").split(" ");
    return [Number(x), Number(y)];
  }

  /** All bytes that were written to the terminal. */
  bytes(): string {
    return readFileSync(join(this.folder, "bytes"), "latin1");
  }

  /** A file in the terminal's folder, empty when there is none. */
  file(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Waits until the screen is as wanted, and gives it. */
  async until(wanted: (screen: string) => boolean): Promise<string> {
    const end = Date.now() + LIMIT;
    for (;;) {
      const screen = this.screen();
      if (wanted(screen)) return screen;
      if (Date.now() > end) throw new Error(`The terminal did not show what was expected:\n${screen}`);
      await pause(POLL);
    }
  }

  /** Waits until the screen contains a text or matches a pattern. */
  shows(expected: string | RegExp): Promise<string> {
    return this.until((screen) => (typeof expected === "string" ? screen.includes(expected) : expected.test(screen)));
  }

  /** Drops what is typed and clears the screen until nothing but a prompt is left: what ran before may still be printing. */
  async fresh(): Promise<void> {
    const clean = (screen: string): boolean => /^In \[\d+\]:$/.test(screen.trim());
    // An Escape must not begin a sequence with the keys that follow.
    this.keys("Escape");
    await pause(100);
    this.keys("C-c");
    await this.until((screen) => {
      if (clean(screen)) return true;
      if (/^In \[\d+\]:$/m.test(screen)) this.keys("C-l");
      // On a busy machine the Escape may have taken Ctrl-C into a sequence all the same.
      else if (/^In \[\d+\]: \S.*$/.test(screen.split("\n").at(-1) ?? "")) this.keys("C-c");
      return false;
    });
  }

  /** Runs one line of code and waits for the text of its result. */
  async result(code: string, text: string): Promise<void> {
    this.line(code);
    await this.until((screen) => screen.includes(text) && /^In \[\d+\]:$/m.test(screen));
  }

  /** Waits until the console has ended and the shell has written its files. */
  async left(): Promise<void> {
    await this.until(() => this.file("left") !== "");
  }

  close(): void {
    try {
      this.tmux("kill-server");
    } finally {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }

  private tmux(...args: string[]): string {
    // The socket lies in the folder too, so it goes with it.
    const { TMUX: _outer, CI: _ci, NO_COLOR: _noColor, ...env } = process.env;
    // tmux takes an argument that ends in `;` for the end of its command.
    const escaped = args.map((arg) => (arg.endsWith(";") && arg !== ";" ? `${arg.slice(0, -1)}\\;` : arg));
    return execFileSync("tmux", ["-L", this.socket, "-f", "/dev/null", ...escaped], {
      encoding: "utf8",
      env: { ...env, TMUX_TMPDIR: this.folder },
    });
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, milliseconds);
  });
}

/** How often a pattern occurs. */
export function occurrences(text: string, pattern: RegExp): number {
  return [...text.matchAll(new RegExp(pattern, `${pattern.flags.replace("g", "")}g`))].length;
}
