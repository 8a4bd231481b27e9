// Magics, shell commands and questions, through the real processes.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Payload, SessionEvent } from "../../kernel/session/protocol";
import { type Outcome, Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "cresset-magics-")));
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub", "numbers.ts"), "export const forty: number = 40;\n");
  writeFileSync(
    join(folder, "sub", "program.ts"),
    'import { forty } from "./numbers";\nconst fromFile = forty + 2;\nfunction twice(x: number) { return 2 * x; }\nconsole.log(process.argv.slice(2).join("-"));\n"not shown"\n',
  );
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

const payload = ({ events }: Outcome): Payload | undefined =>
  events.find((event): event is Extract<SessionEvent, { type: "payload" }> => event.type === "payload")?.payload;

const page = (outcome: Outcome): string => {
  const found = payload(outcome);
  return found?.source === "page" ? String(found.data["text/plain"]) : "";
};

const complete = async (text: string): Promise<string[]> => {
  const { start, completions } = await cells.session.complete(text, text.length);
  return completions.map((each) => text.slice(0, start) + each.text);
};

const times = /^CPU times: user .+, sys: .+, total: .+\nWall time: .+\n$/;

describe("time", () => {
  test("of a statement, which keeps what it declares with its type", async () => {
    const { stdout, result } = await cells.run("%time const z = torch.ones(2, 3)");
    expect(stdout).toMatch(times);
    expect(result).toBeUndefined();
    expect((await cells.run("z.sum().item()")).result).toBe("6");
    expect((await cells.run("z.nothing")).error).toMatchObject({ kind: "check" });
  });

  test("of an expression, whose value is the cell's", async () => {
    expect(await cells.run("%time z.sum()")).toMatchObject({
      result: "tensor(6.)",
      stdout: expect.stringMatching(times),
    });
    expect((await cells.run("_.item()")).result).toBe("6");
    expect((await cells.run("%time z.sum();")).result).toBeUndefined();
    expect((await cells.run("%time await Promise.resolve(5)")).result).toBe("5");
  });

  test("of a statement of several lines, and below a line without a semicolon", async () => {
    const { stdout, result } = await cells.run(
      "let total = 1\n%time for (let i = 0; i < 3; i++) {\n  total += i\n}\nconst seen = total\n%time [seen, 1].length",
    );
    expect(stdout.match(/Wall time/g)).toHaveLength(2);
    expect(result).toBe("2");
    expect((await cells.run("seen")).result).toBe("4");
  });

  test("of a cell", async () => {
    const { stdout, result } = await cells.run("%%time\nconst first = 1;\nconst second = first + 1;\nsecond");
    expect(stdout).toMatch(times);
    expect(result).toBe("2");
    expect((await cells.run("first + second")).result).toBe("3");
  });

  test("counts what a thread and the clock say", async () => {
    const { stdout } = await cells.run("%time await new Promise((resolve) => setTimeout(resolve, 120))");
    expect(stdout).toMatch(/Wall time: (?:1[2-9]\d|[2-9]\d\d) ms|Wall time: [\d.]+ s/);
  });

  test("errors point at the text typed", async () => {
    const checked = await cells.run("const n = 1;\n%time n.nothing");
    expect(checked.error?.traceback.slice(-2)).toEqual(["❱ 2 │ %time n.nothing", "    │         ~~~~~~~"]);
    const thrown = await cells.run("// a comment\n%time JSON.parse('{')");
    expect(thrown.error).toMatchObject({ kind: "run", name: "SyntaxError" });
    expect(thrown.error?.traceback).toContain("❱ 2 │ %time JSON.parse('{')");
  });
});

describe("timeit", () => {
  const line =
    /^[\d.]+ [nµm]?s ± [\d.]+ [nµm]?s per loop \(mean ± std\. dev\. of 3 runs, 20 loops each\), min [\d.]+ [nµm]?s\n$/;

  test("of a statement", async () => {
    await cells.run("let called = 0; const t = torch.ones(4);");
    const { stdout, result } = await cells.run("%timeit -n 20 -r 3 called++, t.add(1)");
    expect(stdout).toMatch(line);
    expect(result).toBeUndefined();
    expect((await cells.run("called")).result).toBe("60");
  });

  test("of a cell, whose names are its own", async () => {
    const { stdout, error } = await cells.run(
      "%%timeit -n20 -r3\nconst inner = await Promise.resolve(t);\ninner.add(1)",
    );
    expect(error).toBeUndefined();
    expect(stdout).toMatch(line);
    expect((await cells.run("inner")).error?.message).toBe("TS2304: Cannot find name 'inner'.");
  });

  test("finds the number of loops", async () => {
    const { stdout } = await cells.run(
      "%timeit -r 1 for (let until = performance.now() + 30; performance.now() < until; );",
    );
    expect(stdout).toMatch(/of 1 run, 10 loops each\)/);
  });
});

describe("only where a statement begins", () => {
  test("a line of a template, a comment, brackets or arithmetic is none", async () => {
    expect((await cells.run("`\n%who\n!ls\n`.length")).result).toBe("10");
    expect((await cells.run("/*\n%who\n*/ 1")).result).toBe("1");
    expect((await cells.run("const seven = 7\nconst four = 4\nseven\n% four")).result).toBe("3");
    expect((await cells.run("[\n  seven\n  %four,\n]")).result).toBe("[ 3 ]");
    expect((await cells.run("seven > 1 ?\n1 : 2")).result).toBe("1");
    expect((await cells.run("!seven")).stderr).toContain("seven is a variable: write ! seven or (!seven)");
    expect((await cells.run("(!seven)")).result).toBe("false");
    expect((await cells.run("! seven")).result).toBe("false");
  });

  test("lines may end as on Windows", async () => {
    const { stdout, result } = await cells.run("const crlf = 1;\r\n%pwd\r\n%time crlf + 1\r");
    expect(stdout).toMatch(times);
    expect(result).toBe("2");
  });

  test("what cannot be understood is told before anything runs", async () => {
    const { error, stdout } = await cells.run("console.log('ran')\n%tiem 1");
    expect(stdout).toBe("");
    expect(error).toMatchObject({
      kind: "check",
      name: "MagicError",
      message: "There is no magic %tiem. Did you mean %time? %lsmagic lists them",
    });
    expect(error?.traceback.at(-2)).toBe("❱ 2 │ %tiem 1");
    expect((await cells.run("%time")).error?.message).toBe("%time needs a statement behind it");
    expect((await cells.run("1\n%%time\n2")).error?.message).toBe("%%time must stand on the first line of a cell");
    expect((await cells.run("%%who\n2")).error?.message).toBe("%who is not for whole cells: write it with one %");
    expect((await cells.run("function f() {\n  %time 1\n}")).error?.message).toMatch(/^%time stands inside brackets/);
  });
});

describe("shell", () => {
  test("output is shown in order with the cell's, errors apart, and the status when it is not 0", async () => {
    const { stdout, stderr, error } = await cells.run(
      "console.log('a')\n!echo b; echo c >&2; exit 3\nconsole.log('d')",
    );
    expect(error).toBeUndefined();
    expect(stdout).toBe("a\nb\nd\n");
    expect(stderr).toBe("c\nexit status 3\n");
  });

  test("output comes while the command runs, and an interrupt ends the command", async () => {
    const shown = cells.next("stream", (event) => event.text.includes("started"));
    const running = cells.run("const kept = 1\n!echo started; sleep 600; echo never");
    await shown;
    cells.session.interrupt();
    const { error, stdout } = await running;
    expect(error?.kind).toBe("interrupt");
    expect(stdout).toBe("started\n");
    expect((await cells.run("kept")).result).toBe("1");
    // A shell that was just starting a program gets a second signal.
    await expect
      .poll(async () => (await cells.run("const left = !pgrep -f '[s]leep 600'\nleft.length")).result, {
        timeout: 20_000,
      })
      .toBe("0");
  });

  test("lines of a command as a value", async () => {
    expect((await cells.run("const lines = !printf 'x\\ny z\\n'\nlines.map((line) => line.length)")).result).toBe(
      "[ 1, 3 ]",
    );
    expect((await cells.run("const ls = false\nconst negated = !ls\nnegated")).result).toBe("true");
  });
});

describe("variables", () => {
  beforeAll(async () => {
    await cells.session.restart();
    await cells.run(
      "const weight = torch.ones(2, 3, { requiresGrad: true })\nconst net = new nn.Linear(3, 4)\nlet word = 'w'",
    );
  });

  test("who and whos", async () => {
    expect((await cells.run("%who")).stdout).toBe("net  weight  word\n");
    const { stdout } = await cells.run("%whos");
    expect(stdout).toMatch(/^Variable +Type +Data$/m);
    expect(stdout).toMatch(/^weight +Tensor +\[2, 3\] float32 cpu, 24 B, requires grad$/m);
    expect(stdout).toMatch(/^net +Linear +16 parameters, 64 B$/m);
    expect(stdout).toMatch(/^word +string +"w"$/m);
  });

  test("mem", async () => {
    const { stdout } = await cells.run("const large = torch.zeros(1000, 1000)\n%mem");
    expect(stdout).toMatch(/^Process +[\d.]+ [MG]B resident/m);
    expect(stdout).toMatch(/^Tensors +[\d.]+ MB in \d+ blocks, at most [\d.]+ MB so far, .* kept for reuse$/m);
    expect(stdout).toMatch(/^large +Tensor +4 MB$/m);
  });

  test("questions: type, shape, place and source", async () => {
    const shown = page(await cells.run("weight?"));
    expect(shown).toMatch(/^const weight: torch\.Tensor$/m);
    expect(shown).toMatch(/^Tensor: shape \[2, 3\], float32 on cpu, 24 B, requires grad$/m);
    expect(shown).toMatch(/^Declared in In \[\d+\]$/m);
    await cells.run("/** Doubles. */\nfunction double(x: number): number {\n  return 2 * x;\n}");
    expect(page(await cells.run("double?"))).toMatch(/function double\(x: number\): number\n\nDoubles\./);
    expect(page(await cells.run("?? double"))).toMatch(
      /function double\(x: number\): number \{\n {2}return 2 \* x;\n\}$/,
    );
    expect(page(await cells.run("?torch.ones"))).toContain("All ones.");
    expect(page(await cells.run("%timeit?"))).toContain("[-n LOOPS] [-r RUNS] statement");
    expect(page(await cells.run("nowhere?"))).toBe("nowhere is not defined");
  });

  test("a question runs no getter and no proxy", async () => {
    await cells.run(
      `const sensor = { get celsius() { console.log("ran"); return 1; }, plain: { deep: torch.ones(3) } };
const shy = new Proxy({ a: 1 }, { get: () => console.log("ran") });`,
    );
    expect((await cells.run("sensor.celsius?")).stdout).toBe("");
    expect((await cells.run("shy.a?")).stdout).toBe("");
    expect(page(await cells.run("sensor.plain.deep?"))).toContain("shape [3]");
    expect(page(await cells.run("sensor.plain.deep.shape?"))).toContain("shape");
  });

  test("reset asks, forgets names with their types, and leaves the library", async () => {
    const asked = cells.next("inputRequest");
    const running = cells.run("%reset");
    await asked;
    cells.session.input("n");
    expect((await running).stdout).toBe("Nothing was forgotten.\n");
    expect((await cells.run("word")).result).toBe("'w'");
    await cells.run("%reset -f");
    expect((await cells.run("word")).error?.message).toBe("TS2304: Cannot find name 'word'.");
    expect((await cells.run("%who")).stdout).toBe("There are no variables.\n");
    expect((await cells.run("torch.ones(1)")).result).toBe("tensor([1.])");
    await cells.run("const stays = 1\n'a result'");
    await cells.run("%reset out");
    expect((await cells.run("_")).result).toBeUndefined();
    expect((await cells.run("stays")).result).toBe("1");
  });
});

describe("files and cells", () => {
  test("run keeps the names of a file, in the middle of a cell too", async () => {
    const { stdout, result, error } = await cells.run(
      "const before = 1\n%run sub/program.ts one 'two three'\nfromFile + before",
    );
    expect(error).toBeUndefined();
    expect(stdout).toBe("one-two three\n");
    expect(result).toBe("43");
    expect(page(await cells.run("twice??"))).toContain(
      "Declared in program.ts\n\nfunction twice(x: number) { return 2 * x; }",
    );
    expect((await cells.run("%run nowhere.ts")).error?.message).toBe(`There is no file ${join(folder, "nowhere.ts")}`);
  });

  test("save writes cells once, load gives a file as the next input", async () => {
    const first = cells.count + 1;
    await cells.run("const saved = 'a'");
    await cells.run("const wrong: number = 'b'");
    await cells.run("saved + 'c'");
    expect((await cells.run(`%save out ${first}-${first + 1} ${first + 2}`)).stdout).toBe(
      `3 cells written to ${join(folder, "out.ts")}\n`,
    );
    const text = "const saved = 'a'\n\nconst wrong: number = 'b'\n\nsaved + 'c'\n";
    expect(readFileSync(join(folder, "out.ts"), "utf8")).toBe(text);
    expect((await cells.run(`%save out ${first}`)).error).toMatchObject({
      name: "UsageError",
      message: `${join(folder, "out.ts")} exists: write %save -f to replace it`,
    });
    expect((await cells.run(`%save -f out ${first}`)).error).toBeUndefined();
    expect(readFileSync(join(folder, "out.ts"), "utf8")).toBe("const saved = 'a'\n");
    expect(payload(await cells.run("%load out.ts"))).toEqual({
      source: "set_next_input",
      text: "// %load out.ts\nconst saved = 'a'\n",
      replace: true,
    });
    expect((await cells.run(`%history ${first}-${first + 1}`)).stdout).toBe(
      `${first}: const saved = 'a'\n${first + 1}: const wrong: number = 'b'\n`,
    );
    expect(existsSync(join(folder, "nowhere.ts"))).toBe(false);
  });

  test("directory and environment", async () => {
    expect((await cells.run("%pwd")).result).toBe(`'${folder}'`);
    expect((await cells.run("%cd sub")).stdout).toBe(`${join(folder, "sub")}\n`);
    expect((await cells.run("const here: string = %pwd\nhere === process.cwd()")).result).toBe("true");
    expect(await complete("%run ")).toEqual(["%run numbers.ts", "%run program.ts"]);
    expect((await cells.run("%cd -")).stdout).toBe(`${folder}\n`);
    expect((await cells.run("%cd nowhere")).error).toBeDefined();
    await cells.run("%env CRESSET_TEST=some words");
    expect((await cells.run("%env CRESSET_TEST")).result).toBe("'some words'");
    expect((await cells.run("!echo $CRESSET_TEST")).stdout).toBe("some words\n");
  });

  test("tb shows the last error again, one of the check too", async () => {
    const { error } = await cells.run("const bad: string = 1");
    expect((await cells.run("%tb")).stdout).toBe(`${error?.traceback.join("\n")}\n`);
  });

  test("lsmagic lists every magic", async () => {
    const { stdout } = await cells.run("%lsmagic");
    for (const name of ["%time", "%timeit", "%who", "%whos", "%mem", "%reset", "%run", "%load", "%save", "%env"])
      expect(stdout).toContain(name);
  });
});

describe("while typing", () => {
  test("Tab offers magics, paths and variables", async () => {
    expect(await complete("%ti")).toEqual(["%time", "%timeit"]);
    expect(await complete("%%")).toEqual(["%%time", "%%timeit"]);
    expect(await complete("const a = 1\n%cd s")).toEqual(["const a = 1\n%cd sub/"]);
    expect(await complete("!cat sub/num")).toEqual(["!cat sub/numbers.ts"]);
    expect(await complete("%env PAT")).toContain("%env PATH");
    expect(await complete("%time torch.onesL")).toEqual(["%time torch.onesLike"]);
    expect(await complete("%who\nconst lines = !ls\nlines.joi")).toEqual(["%who\nconst lines = !ls\nlines.join"]);
  });

  test("a cell is whole when what is behind its magics is", async () => {
    const status = async (code: string): Promise<string> => (await cells.session.isComplete(code)).status;
    expect(await status("%time f(")).toBe("incomplete");
    expect(await status("%time f()")).toBe("complete");
    expect(await status("!ls (")).toBe("complete");
    expect(await status("%%time\nf()")).toBe("incomplete");
    expect(await status("%%time\nf()\n")).toBe("complete");
  });
});

test("a program has no magics", async () => {
  const program = new Recorder({ cwd: folder, file: "[stdin]" });
  expect((await program.run("%who")).error).toMatchObject({ kind: "check", name: "SyntaxError" });
  await program.session.close();
});
