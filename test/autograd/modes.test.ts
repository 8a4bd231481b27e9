// Modes of async bodies that overlap: each body keeps its own to its end, and nothing is left behind.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

/** A promise that settles after some turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let k = 0; k < count; k++) await new Promise((resolve) => setImmediate(resolve));
}

describe("overlapping async bodies", () => {
  test("keep their gradient modes", async () => {
    const seen: [string, boolean][] = [];
    const see = (who: string) => seen.push([who, torch.isGradEnabled()]);
    const long = torch.noGrad(async () => {
      see("long");
      await turns(1);
      see("long");
      await turns(4);
      see("long");
    });
    // The async function hides in a plain one.
    const inner = async () => {
      await turns(2);
      see("short");
      torch.enableGrad(() => see("inside"));
      see("short");
    };
    const short = torch.noGrad(() => inner());
    see("outside");
    await turns(3);
    see("outside");
    await Promise.all([long, short]);
    expect(torch.isGradEnabled()).toBe(true);
    for (const [who, enabled] of seen) expect([who, enabled]).toEqual([who, who === "outside" || who === "inside"]);
    expect(seen.length).toBe(8);
  });

  test("may set the mode for their own rest, and fail", async () => {
    const set = torch.noGrad(async () => {
      torch.setGradEnabled(true);
      await turns(1);
      const first = torch.isGradEnabled();
      torch.setGradEnabled(false);
      await turns(1);
      return [first, torch.isGradEnabled()];
    });
    const failing = torch.noGrad(async () => {
      await turns(1);
      throw new Error("out");
    });
    expect(torch.isGradEnabled()).toBe(true);
    await expect(failing).rejects.toThrow("out");
    expect(torch.isGradEnabled()).toBe(true);
    expect(await set).toEqual([true, false]);
    expect(torch.isGradEnabled()).toBe(true);
  });

  test("that nobody waited for lose the mode with the body", async () => {
    let seen: boolean | null = null;
    torch.noGrad(() => {
      turns(1).then(() => {
        seen = torch.isGradEnabled();
      });
    });
    await torch.noGrad(() => turns(3));
    expect(seen).toBe(true);
  });

  test("keep anomaly mode and their streams of random numbers", async () => {
    torch.manualSeed(1);
    const plain = [torch.rand(1).item(), torch.rand(1).item(), torch.rand(1).item()];
    torch.manualSeed(1);
    const draws = async (): Promise<number[]> => {
      const first = torch.rand(1).item();
      await turns(2);
      return [first, torch.rand(1).item()];
    };
    const [a, b] = [torch.random.forkRng(draws), torch.random.forkRng(draws)];
    const watched = torch.autograd.detectAnomaly(async () => {
      await turns(1);
      return torch.isAnomalyEnabled();
    });
    const outer = [torch.rand(1).item()];
    await turns(1);
    outer.push(torch.rand(1).item());
    expect(torch.isAnomalyEnabled()).toBe(false);
    expect([await a, await b]).toEqual([plain.slice(0, 2), plain.slice(0, 2)]);
    expect([...outer, torch.rand(1).item()]).toEqual(plain);
    expect(await watched).toBe(true);
  });
});
