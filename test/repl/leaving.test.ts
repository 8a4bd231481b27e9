// Starting and leaving: typed-ahead keys, environment, exit codes, and the terminal as it was before.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CRESSET, Terminal } from "./terminal";

/** The process id of the console in a terminal. */
function consoleProcess(terminal: Terminal): number {
  const children = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(terminal.shell())], { encoding: "utf8" });
  const line = children.split("\n").find((each) => each.includes("cresset.js"));
  return Number.parseInt(line ?? "", 10);
}

describe("leaving", () => {
  const ways: [string, (terminal: Terminal) => void | Promise<void>, number][] = [
    ["Ctrl-D", (terminal) => terminal.keys("C-d"), 0],
    ["exit", (terminal) => terminal.line("exit"), 0],
    ["SIGTERM", (terminal) => void process.kill(consoleProcess(terminal), "SIGTERM"), 143],
    [
      "Ctrl-D twice while a cell runs",
      async (terminal) => {
        terminal.line("while (true) {}");
        await terminal.shows("Ctrl-C stops");
        terminal.keys("C-d");
        await terminal.shows("Ctrl-D again");
        terminal.keys("C-d");
      },
      0,
    ],
  ];
  it.each(ways)("by %s restores the terminal", async (_name, leave, code) => {
    const terminal = await Terminal.console();
    try {
      await terminal.result("1+1", "]: 2");
      await leave(terminal);
      await terminal.left();
      expect(terminal.file("before")).not.toBe("");
      expect(terminal.file("after")).toBe(terminal.file("before"));
      const screen = await terminal.shows(/^sh> $|^sh>$/m);
      expect(screen).toMatch(new RegExp(`^left with ${code}$`, "m"));
      const bytes = terminal.bytes();
      expect(bytes.lastIndexOf("\u001b[?2004l")).toBeGreaterThan(bytes.lastIndexOf("\u001b[?2004h"));
      expect(bytes.lastIndexOf("\u001b[?25h")).toBeGreaterThan(bytes.lastIndexOf("\u001b[?25l"));
    } finally {
      terminal.close();
    }
  });

  it("for a while by Ctrl-Z, and back", async () => {
    const terminal = await Terminal.console();
    try {
      terminal.type("half");
      await terminal.shows(/In \[1\]: half$/m);
      terminal.keys("C-z");
      await terminal.shows(/Stopped|suspended/);
      terminal.line("fg");
      await terminal.shows(/In \[1\]: half$/m);
      terminal.keys("C-u");
      await terminal.result("1+1", "]: 2");
    } finally {
      terminal.close();
    }
  });
});

describe("signals from elsewhere", () => {
  const stops: [string, NodeJS.Signals][] = [
    ["SIGTSTP", "SIGTSTP"],
    ["SIGSTOP", "SIGSTOP"],
  ];
  it.each(stops)("%s and fg keep text, keys and variables", async (_name, signal) => {
    const terminal = await Terminal.console();
    try {
      await terminal.result("const kept = 41; kept", "]: 41");
      terminal.type("half");
      await terminal.shows(/In \[2\]: half$/m);
      process.kill(consoleProcess(terminal), signal);
      await terminal.shows(/Stopped|suspended/);
      // A shell without an editor of its own leaves raw mode as it found it, where Enter is no line end.
      terminal.type("fg");
      terminal.keys("C-j");
      await terminal.until((screen) => /In \[2\]: half$/.test(screen.trim()));
      terminal.keys("C-c");
      await terminal.until((screen) => /In \[2\]:$/.test(screen.trim()));
      await terminal.result("kept + 1", "]: 42");
    } finally {
      terminal.close();
    }
  });

  it("SIGINT does what Ctrl-C does", async () => {
    const terminal = await Terminal.console();
    try {
      terminal.line("while (true) {}");
      await terminal.shows("Ctrl-C stops");
      process.kill(consoleProcess(terminal), "SIGINT");
      await terminal.shows("Interrupted");
      await terminal.result("1+1", "]: 2");
    } finally {
      terminal.close();
    }
  });
});

describe("an exception of the console's own", () => {
  it("ends neither the session nor the history", async () => {
    const terminal = new Terminal();
    try {
      // Thrown in the console's process, when it is told to.
      const fault = "process.on('SIGUSR2', () => { throw new Error('of the console'); });";
      writeFileSync(join(terminal.folder, "fault.cjs"), `if (process.argv[1]?.endsWith("cresset.js")) { ${fault} }`);
      await terminal.launch(`NODE_OPTIONS="--require ${terminal.folder}/fault.cjs"`);
      await terminal.result("const kept = 41; kept", "]: 41");
      process.kill(consoleProcess(terminal), "SIGUSR2");
      await terminal.shows("The console failed (Error: of the console); the session goes on.");
      await terminal.result("kept + 1", "]: 42");
      terminal.keys("Up");
      await terminal.shows(/In \[3\]: kept \+ 1$/m);
    } finally {
      terminal.close();
    }
  });
});

describe("starting anew", () => {
  it("asks before variables go", async () => {
    const terminal = await Terminal.console();
    try {
      await terminal.result("const kept = 41; kept", "]: 41");
      terminal.keys("C-\\");
      await terminal.shows("again starts the session anew");
      terminal.keys("Left");
      await terminal.until((screen) => !screen.includes("again starts"));
      await terminal.result("kept + 1", "]: 42");
      terminal.keys("C-\\");
      await terminal.shows("again starts the session anew");
      terminal.keys("C-\\");
      await terminal.shows("variables are gone");
      terminal.line("kept");
      await terminal.shows("Cannot find name 'kept'");
    } finally {
      terminal.close();
    }
  });
});

describe("starting", () => {
  it("keeps what was typed before the prompt", async () => {
    const terminal = new Terminal();
    try {
      terminal.line(`XDG_STATE_HOME=${terminal.folder} ${CRESSET}`);
      terminal.line("40+2");
      await terminal.shows("Out[1]: 42");
    } finally {
      terminal.close();
    }
  });

  it("begins on a line of its own", async () => {
    const terminal = new Terminal();
    try {
      terminal.line(`printf unfinished; XDG_STATE_HOME=${terminal.folder} ${CRESSET}`);
      await terminal.shows(/^unfinished\nIn \[1\]:$/m);
      terminal.line("40+2");
      await terminal.shows(/^unfinished\nIn \[1\]: 40\+2\nOut\[1\]: 42$/m);
    } finally {
      terminal.close();
    }
  });

  it("remembers the cells of the last time", async () => {
    const terminal = await Terminal.console();
    try {
      await terminal.result("'from the ' + 'past'", "from the past");
      terminal.keys("C-d");
      await terminal.left();
      terminal.line("clear");
      await terminal.until((screen) => !screen.includes("past"));
      await terminal.launch();
      terminal.keys("Up");
      await terminal.shows(/In \[1\]: 'from the ' \+ 'past'$/m);
      terminal.keys("C-u", "C-r");
      terminal.type("past");
      await terminal.shows(/search “past”: 'from the ' \+ 'past'/);
      terminal.keys("Enter");
      await terminal.shows(/In \[1\]: 'from the ' \+ 'past'$/m);
    } finally {
      terminal.close();
    }
  });

  it("draws also under CI=1, and without colours under NO_COLOR", async () => {
    const terminal = await Terminal.console("CI=1 NO_COLOR=1");
    try {
      await terminal.result("'plain'", "Out[1]: 'plain'");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what must not be there
      expect(terminal.bytes().slice(terminal.bytes().indexOf("In [1]"))).not.toMatch(/\u001b\[[1-9][\d;]*m/);
    } finally {
      terminal.close();
    }
  });
});
