// Random nested state comes back bit for bit, through each of the formats.

import { readFileSync } from "node:fs";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { temporaryFiles } from "../support/files";
import { namedBits, plain, Random, shown, state } from "../support/random-state";

const file = temporaryFiles();

test("through .pt", () => {
  for (let seed = 0; seed < 300; seed++) {
    const made = state(new Random(seed));
    const back = torch.load(torch.save(made));
    expect(plain(back), `seed ${seed}`).toEqual(plain(made));
  }
});

const texts = (tensors: Iterable<readonly [string, torch.Tensor]>) =>
  Array.from(tensors, ([name, x]) => [name, shown(x)]);

test("through .safetensors", () => {
  for (let seed = 0; seed < 100; seed++) {
    const made = namedBits(new Random(seed));
    const back = torch.safetensors.load(torch.safetensors.save(Object.fromEntries(made)));
    expect(Object.fromEntries(texts(back.items())), `seed ${seed}`).toEqual(Object.fromEntries(texts(made)));
  }
});

test("through .npz", () => {
  for (let seed = 0; seed < 100; seed++) {
    const made = namedBits(new Random(seed), [torch.bfloat16]);
    torch.numpy[seed % 2 === 0 ? "savez" : "savezCompressed"](file("x.npz"), Object.fromEntries(made));
    const back = torch.numpy.loadz(readFileSync(file("x.npz")));
    expect(texts(Object.entries(back)), `seed ${seed}`).toEqual(texts(made));
  }
});
