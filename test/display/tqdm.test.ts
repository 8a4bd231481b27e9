import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { finishDisplays } from "../../core/display/live";
import { tqdm, trange } from "../../core/display/tqdm";
import { inColour } from "../../core/display/tqdm-colour";
import {
  BLOCKS,
  DIGITS,
  intervalText,
  type Meter,
  meterText,
  postfixNumber,
  scaledText,
} from "../../core/display/tqdm-format";
import { recorder, work } from "./recorder";

afterEach(finishDisplays);

const meter = (overrides: Partial<Meter>): Meter => ({
  n: 45,
  total: 100,
  elapsed: 1.2,
  rate: null,
  initial: 0,
  desc: "",
  postfix: "",
  unit: "it",
  unitScale: false,
  unitDivisor: 1000,
  charset: BLOCKS,
  paint: null,
  ncols: null,
  ...overrides,
});

describe("text", () => {
  it("is Python's, character for character", () => {
    const cases: [Partial<Meter>, string][] = [
      [{}, " 45%|████▌     | 45/100 [00:01<00:01, 37.50it/s]"],
      [{ n: 0, elapsed: 0 }, "  0%|          | 0/100 [00:00<?, ?it/s]"],
      [{ n: 100, elapsed: 3700 }, "100%|██████████| 100/100 [1:01:40<00:00, 37.00s/it]"],
      [{ desc: "epoch 1", postfix: "loss=0.3" }, "epoch 1:  45%|████▌     | 45/100 [00:01<00:01, 37.50it/s, loss=0.3]"],
      [{ total: null }, "45it [00:01, 37.50it/s]"],
      [{ n: 101 }, "101it [00:01, 84.17it/s]"],
      [{ total: 0, n: 0 }, "0it [00:01, ?it/s]"],
      [{ unit: "B", unitScale: true, n: 1500, total: 2e6 }, "  0%|          | 1.50k/2.00M [00:01<26:38, 1.25kB/s]"],
      [{ charset: DIGITS }, " 45%|####5     | 45/100 [00:01<00:01, 37.50it/s]"],
      [{ charset: " .#" }, " 45%|####.     | 45/100 [00:01<00:01, 37.50it/s]"],
      [{ unitScale: 2 }, " 45%|████▌     | 90/200 [00:01<00:01, 75.00it/s]"],
      [
        { n: 1536, total: 4096, unitScale: true, unitDivisor: 1024, unit: "B" },
        " 38%|███▊      | 1.50k/4.00k [00:01<00:02, 1.28kB/s]",
      ],
      [{ paint: (bar) => inColour(bar, "green") }, " 45%|\x1b[32m████▌     \x1b[0m| 45/100 [00:01<00:01, 37.50it/s]"],
      [{ ncols: 0 }, " 45% 45/100 [00:01<00:01, 37.50it/s]"],
      [{ ncols: 10, total: null }, "45it [00:0"],
      [{ ncols: 20 }, " 45%|▍| 45/100 [00:0"],
      [{ total: null, unitScale: true }, "45.0it [00:01, 37.5it/s]"],
      [{ n: 7, total: 10, elapsed: 0.5, initial: 5 }, " 70%|███████   | 7/10 [00:00<00:00,  4.00it/s]"],
      [{ ncols: 60 }, " 45%|█████████▉            | 45/100 [00:01<00:01, 37.50it/s]"],
    ];
    for (const [overrides, text] of cases) expect(meterText(meter(overrides))).toBe(text);
  });

  it("writes times, counts and values as Python does", () => {
    expect([0, 59.9, 61, 3600, 90061].map(intervalText)).toEqual(["00:00", "00:59", "01:01", "1:00:00", "25:01:01"]);
    expect([5, 99.96, 1500, 123456, 5e9].map((count) => scaledText(count))).toEqual([
      "5.00",
      "100",
      "1.50k",
      "123k",
      "5.00G",
    ]);
    expect([0.123456, 3, 1e-5, 123456789, 0.5].map(postfixNumber)).toEqual(["0.123", "3", "1e-5", "1.23e+8", "0.5"]);
  });
});

describe("iteration", () => {
  it("gives every item, and the total of what knows its length", () => {
    const { told, end } = recorder();
    expect([...tqdm([1, 2, 3])]).toEqual([1, 2, 3]);
    expect([...tqdm(new Set(["a", "b"]))]).toEqual(["a", "b"]);
    expect([...tqdm("héé")]).toEqual(["h", "é", "é"]);
    end();
    const finals = told.filter((_, i) => told[i + 1]?.kind === "finish").map(({ bundle }) => bundle?.["text/plain"]);
    expect(finals.map((text) => String(text).split(" [")[0])).toEqual([
      "100%|██████████| 3/3",
      "100%|██████████| 2/2",
      "100%|██████████| 3/3",
    ]);
  });

  it("has no bar where the total is unknown", () => {
    const { told, end } = recorder();
    function* numbers() {
      yield 1;
      yield 2;
    }
    for (const _ of tqdm(numbers()));
    end();
    expect(String(told.at(-2)?.bundle?.["text/plain"])).toMatch(/^2it \[00:00, /);
  });

  it("moves in a synchronous loop, ten times a second at most", () => {
    const { told, end } = recorder();
    const start = performance.now();
    for (const _ of tqdm(Array.from({ length: 70 }), { desc: "train", unit: "batch" })) work(5);
    const elapsed = performance.now() - start;
    end();
    const updates = told.filter(({ kind }) => kind === "update");
    expect(updates.length).toBeGreaterThanOrEqual(3);
    expect(updates.length).toBeLessThanOrEqual(elapsed / 100 + 1);
    expect(String(updates[1].bundle?.["text/plain"])).toMatch(
      /^train: {2}\d\d%\|.{10}\| \d\d\/70 \[00:0\d<00:0\d, .*batch\/s\]$/,
    );
    expect(told.at(-1)?.kind).toBe("finish");
  });

  it("ends the bar when the loop is left early", () => {
    const { told, end } = recorder();
    for (const item of tqdm([1, 2, 3])) if (item === 2) break;
    expect(() => {
      for (const _ of tqdm([1])) throw new Error("in the loop");
    }).toThrow("in the loop");
    end();
    expect(told.filter(({ kind }) => kind === "finish")).toHaveLength(2);
    expect(String(told[1].bundle?.["text/plain"])).toContain("| 1/3 ");
  });

  it("goes over asynchronous iterables", async () => {
    const { told, end } = recorder();
    async function* numbers() {
      for (let i = 0; i < 3; i++) yield i;
    }
    const seen: number[] = [];
    for await (const item of tqdm(numbers(), { total: 3 })) seen.push(item);
    end();
    expect(seen).toEqual([0, 1, 2]);
    expect(String(told.at(-2)?.bundle?.["text/plain"])).toContain("| 3/3 ");
  });

  it("nests, each bar in its own display", () => {
    const { told, end } = recorder();
    for (const _ of tqdm([1, 2])) for (const _ of tqdm([1, 2, 3], { leave: false }));
    end();
    const shown = told.filter(({ kind }) => kind === "display");
    expect(shown).toHaveLength(3);
    const gone = told.filter(({ kind, bundle }) => kind === "update" && bundle?.["text/plain"] === "");
    expect(gone).toHaveLength(2);
  });

  it("shows nothing when disabled", () => {
    const { told, end } = recorder();
    expect([...tqdm([1, 2], { disable: true })]).toEqual([1, 2]);
    end();
    expect(told).toEqual([]);
  });

  it("can be moved by hand", () => {
    const { told, end } = recorder();
    const bar = tqdm({ total: 10, desc: "copy" });
    bar.update(4);
    bar.setDescription("move");
    bar.setPostfix({ loss: 0.123456, note: "ok" });
    bar.close();
    end();
    expect(String(told[0].bundle?.["text/plain"])).toMatch(/^copy: {3}0%\|/);
    expect(String(told.at(-2)?.bundle?.["text/plain"])).toMatch(
      /^move: {2}40%\|████ {6}\| 4\/10 .*, loss=0.123, note=ok\]$/,
    );
  });
});

describe("a bar moved by hand", () => {
  it("begins again, takes another total, and stops when it is closed", () => {
    const { told, end } = recorder();
    const bar = tqdm({ total: 10, desc: "a", initial: 2, postfix: { lr: 0.1 } });
    expect(String(bar)).toMatch(/^a: {2}20%\|██ {8}\| 2\/10 \[.*, lr=0.1\]$/);
    bar.update(4);
    bar.update(-1);
    expect(bar.n).toBe(5);
    bar.reset(20);
    expect(String(bar)).toMatch(/^a: {3}0%\| {10}\| 0\/20 /);
    bar.total = 4;
    bar.n = 1;
    bar.refresh();
    bar.setDescription("b");
    expect(String(bar)).toMatch(/^b: {2}25%/);
    bar.setDescriptionStr("c");
    expect(String(bar)).toMatch(/^c: {2}25%/);
    bar.setDescription();
    expect(String(bar)).toMatch(/^ 25%/);
    bar.close();
    bar.update(2);
    expect(bar.n).toBe(1);
    end();
    expect(told.filter(({ kind }) => kind === "finish")).toHaveLength(1);
    expect(tqdm({ total: Number.POSITIVE_INFINITY, disable: true }).total).toBe(null);
    expect(() => tqdm([1], { foo: 1 } as never)).toThrow("Unknown argument(s): {'foo': 1}");
  });

  it("moves on in a later cell", () => {
    const { told, end } = recorder();
    const bar = tqdm({ total: 3 });
    bar.update();
    finishDisplays();
    bar.update();
    bar.close();
    end();
    expect(bar.n).toBe(2);
    expect(told.filter(({ kind }) => kind === "finish")).toHaveLength(2);
  });
});

describe("trange", () => {
  it("counts as Python's range", () => {
    const { end } = recorder();
    expect([...trange(3, { desc: "epoch" })]).toEqual([0, 1, 2]);
    expect([...trange(2, 8, 3)]).toEqual([2, 5]);
    expect(trange(5, 0, -2, { disable: true }).length).toBe(3);
    end();
  });
});

describe("in a notebook", () => {
  it("is a bar of HTML: blue while it runs, green at its end, red when it was left", () => {
    const { told, end } = recorder();
    for (const _ of tqdm([1, 2], { desc: "<a>" }));
    for (const _ of tqdm([1, 2])) break;
    for (const _ of tqdm([1], { colour: "#ff00ff" }));
    end();
    const html = told.filter(({ kind }) => kind !== "finish").map(({ bundle }) => String(bundle?.["text/html"]));
    expect(html[0]).toContain("accent-color:#2196f3");
    expect(html[0]).toContain("&lt;a&gt;:   0%</span>");
    expect(html[0]).toContain('<progress max="1" value="0"');
    expect(html[1]).toContain("accent-color:#4caf50");
    expect(html[1]).toMatch(/>2\/2 \[00:00&lt;00:00, .*it\/s\]<\/span>/);
    expect(html[3]).toContain("accent-color:#f44336");
    expect(html[5]).toContain("accent-color:#ff00ff");
  });

  it("knows the colours of tqdm", () => {
    const { end } = recorder();
    expect(tqdm([], { colour: "RED" }).colour).toBe("red");
    expect(tqdm([], { colour: "pink" }).colour).toBe(null);
    end();
  });
});

/** What a script that uses the bars writes on its error stream. */
function errorStream(contents: string): { stderr: string; stdout: string } {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: join(__dirname, "../../core/display"), loader: "ts" },
    bundle: true,
    platform: "node",
    write: false,
  });
  const env = { ...process.env, NO_COLOR: "", FORCE_COLOR: undefined, TERM: "xterm", COLORTERM: "" };
  const script = { input: outputFiles[0].text, encoding: "utf8", env } as const;
  const { stderr, stdout, status } = spawnSync(process.execPath, ["-"], script);
  expect(status).toBe(0);
  return { stderr, stdout };
}

describe("in a terminal", () => {
  const terminal = "process.stderr.isTTY = true; process.stderr.columns = 34;";

  it("nested bars have a line each, and messages stand above them", () => {
    const { stderr, stdout } = errorStream(`
      import { tqdm } from "./tqdm";
      ${terminal}
      const outer = tqdm({ total: 2, ncols: 0 });
      const inner = tqdm({ total: 2, ncols: 0, leave: false });
      tqdm.write("hello");
      inner.close();
      outer.close();`);
    const line = "  0% 0/2 [00:00<?, ?it/s]";
    const blank = " ".repeat(line.length);
    const up = "\x1b[A";
    expect(stdout).toBe("hello\n");
    expect(stderr).toBe(
      `\r${line}\n\r${line}${up}\r${blank}\n\r${blank}${up}\r\r${line}\n\r${line}${up}\n\r${blank}${up}\r${line}\n`,
    );
  });

  it("the bar fills the width and has its colour", () => {
    const { stderr } = errorStream(`
      import { tqdm } from "./tqdm";
      ${terminal}
      for (const _ of tqdm([1], { colour: "green" }));`);
    expect(stderr.split("\r")[1]).toBe("  0%|\x1b[32m       \x1b[0m| 0/1 [00:00<?, ?it/s]");
  });
});

describe("in a plain script without a terminal", () => {
  it("prints the final lines, on the error stream", () => {
    const contents = `
      import { tqdm } from "./tqdm";
      import { plot } from "./chart";
      for (const _ of tqdm([1, 2])) for (const _ of tqdm([1], { leave: false }));
      tqdm({ total: 3, desc: "open" }).update(2);
      plot().push({ loss: 1 });`;
    const { stderr, stdout } = errorStream(contents);
    expect(stdout).toBe("");
    expect(stderr.replace(/\[.*\]/g, "[]").split("\n")).toEqual([
      "100%|██████████| 2/2 []",
      "open:  67%|██████▋   | 2/3 []",
      "",
    ]);
  });

  it("prints a line in ten seconds, without colours", () => {
    const { stderr } = errorStream(`
      import { tqdm } from "./tqdm";
      let now = 0;
      performance.now = () => now;
      for (const _ of tqdm([1, 2, 3, 4], { colour: "red" })) now += 6000;`);
    expect(stderr.split("\n").map((line) => line.split(" [")[0])).toEqual([
      " 50%|█████     | 2/4",
      "100%|██████████| 4/4",
      "100%|██████████| 4/4",
      "",
    ]);
  });

  it("shows nothing there when told so", () => {
    const { stderr } = errorStream(`import { tqdm } from "./tqdm"; for (const _ of tqdm([1], { disable: null }));`);
    expect(stderr).toBe("");
  });
});
