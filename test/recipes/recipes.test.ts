// The programs of docs/recipes have the losses of the same programs in PyTorch.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as rates from "../../docs/recipes/discriminative-rates";
import * as stopping from "../../docs/recipes/early-stopping";
import * as freezing from "../../docs/recipes/freezing";
import * as accumulation from "../../docs/recipes/gradient-accumulation";
import * as averages from "../../docs/recipes/moving-average";
import * as warmUp from "../../docs/recipes/warm-up";
import { root } from "../support/child";

function expectNear(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, k) => {
    expect(Math.abs(value - expected[k])).toBeLessThan(1e-5 * Math.max(1, expected[k]));
  });
}

test("gradients of parts make the step of the whole batch", () => {
  const losses = [13.1354302, 11.838506, 10.6040983, 9.4627449, 8.4578623];
  expectNear(accumulation.train(), losses);
  expectNear(accumulation.train(1), losses);
});

test("a body stays while its head is trained", () => {
  expectNear(freezing.train(), [1.6436071, 1.3404864, 1.1168668, 0.7218786, 0.8009793, 0.6646639]);
});

test("layers learn at rates of their own", () => {
  expectNear(rates.train(), [1.1724637, 0.8631042, 0.6125398, 0.4114891, 0.2571992]);
});

test("the rate rises and falls", () => {
  const found = warmUp.train();
  expectNear(found.rates, [0.025, 0.05, 0.075, 0.1, 0.0904508, 0.0654508, 0.0345492, 0.0095492]);
  expectNear(found.losses, [6.5490475, 5.852992, 4.6346598, 3.2121503, 1.9686119, 1.4354985, 1.3641849, 1.382794]);
});

test("training ends with the best weights", () => {
  const { epochs, loss } = stopping.train();
  expect(epochs).toBe(7);
  expectNear([loss], [0.0563969]);
});

test("averages of weights are evaluated", () => {
  const { model, ema, swa } = averages.train();
  expectNear([model, ema, swa], [0.4208675, 0.4845841, 0.3314426]);
});

test("every recipe is listed", () => {
  const folder = join(root, "docs", "recipes");
  const list = readFileSync(join(folder, "README.md"), "utf8");
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  expect(files.filter((file) => !list.includes(`(${file})`))).toEqual([]);
  expect(files.length).toBe(6);
});
