// The interpreter of recorded programs, on Python that needs no tensors.

import { expect, test } from "vitest";
import { runPython } from "./python/run";

/** Runs a program; gives what it passed to `show`. */
function shown(source: string): unknown[] {
  const values: unknown[] = [];
  runPython(source, { show: (value: unknown) => values.push(value) });
  return values;
}

test("arithmetic binds as in Python", () => {
  expect(
    shown(
      "show(2 + 3 * 4)\nshow(-2 ** 2)\nshow(7 // 2 * 2 + 7 % 2)\nshow(-7 % 3)\nshow(step % 4 * 64 if 1 < 2 else 0)".replace(
        "step",
        "6",
      ),
    ),
  ).toEqual([14, -4, 7, 2, 128]);
});

test("loops, conditions and augmented assignments", () => {
  const program =
    "total = 0\nfor i in range(0, 10, 3):\n    if i == 6:\n        continue\n    elif i > 8:\n        break\n    total += i\nshow(total)";
  expect(shown(program)).toEqual([3]);
});

test("tuples, comprehensions, dictionaries and lambdas", () => {
  const program = `
pairs = [(i, i * i) for i in range(3)]
for k, (a, b) in enumerate(pairs):
    show(k + a + b)
d = {'x': 1, 'y': 2}
for name, value in d.items():
    show(name)
f = lambda x: x * d['y']
show(f(21))
a, b = 1, 2
a, b = b, a
show([a, b, pairs[-1]])`;
  expect(shown(program)).toEqual([0, 3, 8, "x", "y", 42, [2, 1, [2, 4]]]);
});

test("classes with methods and presets", () => {
  const program = `
class Counter:
    def __init__(self, start=5):
        self.first_value = start
    def advance(self, by=1):
        self.first_value += by
        return self
show(Counter().advance().advance(10).first_value)`;
  expect(shown(program)).toEqual([16]);
});

test("functions return from inside loops and blocks", () => {
  const program =
    "def find(limit):\n    for i in range(100):\n        if i * i > limit:\n            return i\nshow(find(50))";
  expect(shown(program)).toEqual([8]);
});

test("an unknown name is told as missing", () => {
  expect(() => shown("show(nonsense)")).toThrow("nonsense is missing");
});
