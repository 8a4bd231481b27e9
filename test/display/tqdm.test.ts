import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { finishDisplays } from "../../core/display/live";
import { tqdm } from "../../core/display/tqdm";
import { intervalText, type Meter, meterText, postfixNumber, scaledText } from "../../core/display/tqdm-format";
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
      [{ ncols: 60 }, " 45%|█████████▉            | 45/100 [00:01<00:01, 37.50it/s]"],
    ];
    for (const [overrides, text] of cases) expect(meterText(meter(overrides))).toBe(text);
  });

  it("writes times, counts and values as Python does", () => {
    expect([0, 59.9, 61, 3600, 90061].map(intervalText)).toEqual(["00:00", "00:59", "01:01", "1:00:00", "25:01:01"]);
    expect([5, 99.96, 1500, 123456, 5e9].map(scaledText)).toEqual(["5.00", "100", "1.50k", "123k", "5.00G"]);
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

describe("in a plain script without a terminal", () => {
  it("prints only the final lines, on the error stream", () => {
    const contents = `
      import { tqdm } from "./tqdm";
      import { plot } from "./chart";
      for (const _ of tqdm([1, 2])) for (const _ of tqdm([1], { leave: false }));
      tqdm({ total: 3, desc: "open" }).update(2);
      plot().push({ loss: 1 });`;
    const { outputFiles } = buildSync({
      stdin: { contents, resolveDir: join(__dirname, "../../core/display"), loader: "ts" },
      bundle: true,
      platform: "node",
      write: false,
    });
    const script = { input: outputFiles[0].text, encoding: "utf8" } as const;
    const { stderr, stdout, status } = spawnSync(process.execPath, ["-"], script);
    expect(status).toBe(0);
    expect(stdout).toBe("");
    expect(stderr.replace(/\[.*\]/g, "[]").split("\n")).toEqual([
      "100%|██████████| 2/2 []",
      "open:  67%|██████▋   | 2/3 []",
      "",
    ]);
  });
});
