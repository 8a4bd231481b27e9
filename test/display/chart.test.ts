import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { LossChart, plot } from "../../core/display/chart";
import { displaySymbol, type MimeBundle } from "../../core/display/host";
import { finishDisplays } from "../../core/display/live";
import { recorder, work } from "./recorder";

const BAD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

afterEach(finishDisplays);

const svgOf = (bundle: MimeBundle) => String(bundle["image/svg+xml"]);
const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

describe("text", () => {
  it("draws a falling curve with labels, steps and a legend", () => {
    const chart = plot({ title: "training", width: 20, height: 4, data: { loss: [3, 2, 1, 0] } });
    expect(String(chart).split("\n")).toEqual([
      "     training",
      "3.0 ┤───╮",
      "    │   ╰──────╮",
      "    │          ╰─────╮",
      "0.0 ┤                ╰───",
      "    └────────────────────",
      "     0                  3",
      "     ── loss 0 (min 0 @ 3)",
    ]);
  });

  it("keeps its width however many points there are", () => {
    const chart = plot();
    for (const count of [10, 1000, 100_000]) {
      for (let i = 0; i < count; i++) chart.push({ loss: 1.5 + Math.sin(i / 100) });
      const lines = String(chart).split("\n");
      expect(widest(lines.join("\n"))).toBeLessThan(75);
      expect(lines).toHaveLength(13);
    }
  });

  it("marks NaN and infinities on the axis instead of failing", () => {
    const chart = plot({ data: { loss: [3, ...BAD, 2, 1] } });
    const axis = String(chart)
      .split("\n")
      .find((line) => line.includes("└"));
    expect(axis?.match(/×/g)).toHaveLength(3);
    for (const data of [BAD, [Number.NaN], [1, Number.NaN, 1], []]) {
      expect(String(plot({ data: { loss: data } }))).toContain("└");
    }
  });

  it("shows a constant curve as a line with different labels", () => {
    for (const constant of [0, 1, -3, 1e-5, 1e300, 5e-324]) {
      const lines = String(plot({ data: { a: [constant, constant, constant] } })).split("\n");
      expect(lines.filter((line) => /──────/.test(line))).toHaveLength(2);
      const labels = lines.filter((line) => line.includes("┤")).map((line) => line.split("┤")[0].trim());
      expect(labels.length).toBeGreaterThan(1);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });

  it("labels tiny values so that they can be told apart", () => {
    const text = String(plot({ data: { loss: [1e-5, 2e-5, 4e-5] } }));
    expect(text).toContain("4.0e-5 ┤");
    expect(text).toContain("1.0e-5 ┤");
    expect(text).toContain("loss 4e-5 (max 4e-5 @ 2)");
  });

  it("draws decades of equal height when logarithmic", () => {
    const lines = String(plot({ logy: true, height: 4, data: { loss: [1000, 100, 10, 1, 0] } })).split("\n");
    expect(lines[0]).toMatch(/^1000 ┤/);
    expect(lines[3]).toMatch(/^ {3}1 ┤/);
    expect(lines[4]).toContain("×");
  });

  it("survives the ends of float64", () => {
    const max = Number.MAX_VALUE;
    expect(String(plot({ data: { a: [max, -max, max] } }))).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("tells curves apart by their strokes", () => {
    const text = String(plot({ data: { a: [1, 1], b: [2, 2], c: [3, 3] } }));
    for (const stroke of ["──", "┄┄", "━━"]) expect(text).toContain(`${stroke} `);
  });
});

describe("svg", () => {
  it("is a picture that renders", async () => {
    const chart = plot({ title: "a < b & c", data: { loss: [3, Number.NaN, 2, 1], acc: [0.1, 0.2, 0.5, 0.9] } });
    const svg = svgOf(chart[displaySymbol]());
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).toContain("acc 0.9 (max 0.9 @ 3)");
    expect(svg.match(/class="bad"/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const { width, height } = await sharp(Buffer.from(svg))
      .png()
      .toBuffer({ resolveWithObject: true })
      .then((r) => r.info);
    expect([width, height > 250]).toEqual([640, true]);
  });

  it("stays small for a million points, and keeps a spike", () => {
    const chart = new LossChart();
    for (let i = 0; i < 1_000_000; i++) chart.push({ loss: i === 777_777 ? 1000 : 1 });
    const bundle = chart[displaySymbol]();
    expect(svgOf(bundle).length).toBeLessThan(60_000);
    expect(String(bundle["text/plain"]).split("\n")[0]).toContain("╭╮");
  });

  it("has no bad numbers for any curve", () => {
    for (const data of [BAD, [], [5e-324, 0], [Number.MAX_VALUE, -Number.MAX_VALUE], [1e-5], [-1, 0]]) {
      for (const logy of [false, true]) {
        expect(svgOf(plot({ logy, data: { a: data } })[displaySymbol]())).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });
});

describe("live", () => {
  it("updates in a synchronous loop, ten times a second at most, and finishes", () => {
    const { told, end } = recorder();
    const chart = plot({ title: "live" });
    const start = performance.now();
    while (performance.now() - start < 350) {
      chart.push({ loss: Math.random() });
      work(1);
    }
    chart.finish();
    const elapsed = performance.now() - start;
    end();
    const kinds = told.map(({ kind }) => kind);
    expect(kinds[0]).toBe("display");
    expect(kinds.at(-1)).toBe("finish");
    const updates = kinds.filter((kind) => kind === "update").length;
    expect(updates).toBeGreaterThanOrEqual(3);
    expect(updates).toBeLessThanOrEqual(elapsed / 100 + 1);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(String(told.at(-2)?.bundle?.["text/plain"])).toContain("loss");
  });

  it("draws the last value pushed before an await", async () => {
    const { told, end } = recorder();
    const chart = plot();
    chart.push({ loss: 3 }).push({ loss: 7 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(told.map(({ kind }) => kind)).toEqual(["display", "update"]);
    expect(String(told[1].bundle?.["text/plain"])).toContain("loss 7");
    chart.finish();
    end();
  });

  it("opens a new display when it goes on after the end of a cell", () => {
    const { told, end } = recorder();
    const chart = plot();
    chart.push({ loss: 3 });
    finishDisplays();
    chart.push({ loss: 2 });
    chart.finish();
    chart.finish();
    end();
    expect(told.map(({ kind }) => kind)).toEqual(["display", "update", "finish", "display", "update", "finish"]);
    expect(told[0].id).not.toBe(told[3].id);
  });

  it("reads tensors of one element", () => {
    const chart = plot();
    chart.push({ loss: { item: () => 0.5 } }, 10);
    expect(String(chart)).toContain("loss 0.5 (min 0.5 @ 10)");
  });
});

describe("cells that push to one chart", () => {
  const kinds = (options: { inPlace?: boolean }): string[] => {
    const { told, end } = recorder();
    const chart = plot(options);
    for (const loss of [2, 1]) {
      chart.push({ loss });
      finishDisplays();
    }
    end();
    return told.map(({ kind }) => kind);
  };

  it("each show the chart, or draw into the picture of the first", () => {
    expect(kinds({})).toEqual(["display", "update", "finish", "display", "update", "finish"]);
    expect(kinds({ inPlace: true })).toEqual(["display", "update", "finish", "update", "update", "finish"]);
  });
});
