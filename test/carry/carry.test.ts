// Values on their way between threads: what arrives is what was sent, with its sharing, and functions that see their variables.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import type * as errors from "../../core/errors";
import type * as packing from "../../core/carry/pack";
import type * as unpacking from "../../core/carry/unpack";
import { root } from "../support/child";

// As compiled, since they have to know the library's objects.
const load = createRequire(join(root, "dist", "core", "carry", "x.js"));
const { pack } = load("./pack") as typeof packing;
const { unpack } = load("./unpack") as typeof unpacking;

/** An error class of the library. */
const { ShapeError } = load("../errors") as typeof errors;

/** This file is no module that a worker could import. */
const byText = new Set([pathToFileURL(__filename).href]);

/** What the other side gets. */
function carried<T>(value: T): T {
  return unpack(structuredClone(pack(value, { byText }).parcel)).value as T;
}

describe("data", () => {
  test("arrives with its types, properties and sharing", () => {
    const shared = { list: [1, "two", 3n, null, undefined, true] as unknown[] };
    const value = {
      map: new Map<unknown, unknown>([["key", shared]]),
      set: new Set([shared]),
      date: new Date(5),
      pattern: /a+/gi,
      bytes: new Uint8Array([1, 2, 3]).subarray(1),
      buffer: Buffer.from("hi"),
      holes: Object.assign(new Array(3), { 0: 1, 2: 3 }) as number[],
      symbol: Symbol.for("known"),
      [Symbol.iterator]: "by symbol",
      hidden: Object.defineProperty({}, "x", { value: 1 }),
      frozen: Object.freeze({ a: 1 }),
      shared,
      self: null as unknown,
    };
    value.self = value;
    const copy = carried(value);
    expect(copy.self).toBe(copy);
    expect(copy.map.get("key")).toBe(copy.shared);
    expect([...copy.set][0]).toBe(copy.shared);
    expect(copy.shared).toEqual(shared);
    expect(copy.shared).not.toBe(shared);
    expect([copy.date, copy.pattern, copy.bytes, copy.buffer]).toEqual([
      value.date,
      value.pattern,
      value.bytes,
      value.buffer,
    ]);
    expect(Buffer.isBuffer(copy.buffer)).toBe(true);
    expect([1 in copy.holes, copy.holes.length]).toEqual([false, 3]);
    expect([copy.symbol, copy[Symbol.iterator]]).toEqual([value.symbol, "by symbol"]);
    expect(Object.getOwnPropertyDescriptor(copy.hidden, "x")).toEqual(
      Object.getOwnPropertyDescriptor(value.hidden, "x"),
    );
    expect(Object.isFrozen(copy.frozen)).toBe(true);
  });

  test("errors keep their class, message, stack and cause", () => {
    const error = Object.assign(new ShapeError("sizes"), { cause: new RangeError("why") });
    const copy = carried(error);
    expect(copy).toBeInstanceOf(ShapeError);
    expect([copy.message, copy.stack, copy.cause.message]).toEqual([error.message, error.stack, "why"]);
  });

  test("errors of another context are those of this one", () => {
    const copy = carried(runInNewContext("new RangeError('far')"));
    expect([copy instanceof RangeError, copy.message]).toEqual([true, "far"]);
  });

  test("what belongs to its thread fails where it is used, and says why", () => {
    const { promise, other } = carried({ promise: Promise.resolve(1), other: 2 });
    expect(other).toBe(2);
    expect(() => promise.finally).toThrow(
      "This value cannot be used in a worker: a promise belongs to its thread: await it first.",
    );
    class Secret {
      #code = 1;
      get code(): number {
        return this.#code;
      }
    }
    expect(() => carried(new Secret()).code).toThrow(/class Secret has private #members.*__reduce__\(\)/);
  });

  test("a class says by __reduce__ how its objects are made again", () => {
    class Secret {
      #code: number;
      constructor(code: number) {
        this.#code = code;
      }
      get code(): number {
        return this.#code;
      }
      __reduce__() {
        return [Secret, [this.#code]] as const;
      }
    }
    expect(carried(new Secret(7)).code).toBe(7);
  });
});

describe("tensors", () => {
  test("keep dtype, strides, views and requiresGrad, and lose their graph", () => {
    const base = torch.arange(6, { dtype: torch.int16 }).reshape(2, 3);
    const weight = torch.ones(2, { requiresGrad: true });
    const sent = {
      base,
      column: base.t().at(1),
      weight,
      made: weight.mul(2),
      parameter: new torch.nn.Parameter(torch.zeros(1)),
    };
    const copy = carried(sent);
    expect([copy.base.dtype, copy.column.stride(), copy.column.tolist()]).toEqual([torch.int16, [3], [1, 4]]);
    copy.base.zero_();
    expect([copy.column.tolist(), base.sum().item()]).toEqual([[0, 0], 15]);
    expect([copy.weight.requiresGrad, copy.made.requiresGrad, copy.made.tolist()]).toEqual([true, false, [2, 2]]);
    expect([copy.parameter instanceof torch.nn.Parameter, copy.parameter.requiresGrad]).toEqual([true, true]);
  });

  test("large ones are not copied until somebody writes them", () => {
    const bytes = 4 * 2 ** 20;
    const x = torch.ones(bytes / 4);
    const parts = { x, tail: x.slice(0, 10) };
    const before = torch.cpu.memoryStats().allocatedBytes.current;
    const copy = carried(parts);
    expect(torch.cpu.memoryStats().allocatedBytes.current - before).toBeLessThan(bytes / 2);
    copy.x.add_(1);
    x.mul_(5);
    expect([copy.tail.at(0).item(), parts.tail.at(0).item()]).toEqual([2, 5]);
  });

  test("modules and generators work as before", () => {
    const model = new torch.nn.Sequential(new torch.nn.Linear(2, 2), new torch.nn.BatchNorm1d(2));
    const generator = new torch.Generator().manualSeed(3);
    const copy = carried({ model, generator });
    const x = torch.randn(4, 2);
    expect(copy.model(x).tolist()).toEqual(model(x).tolist());
    expect([...copy.model.stateDict().keys()]).toEqual([...model.stateDict().keys()]);
    expect(torch.rand(2, { generator: copy.generator }).tolist()).toEqual(torch.rand(2, { generator }).tolist());
  });
});

const offset = 10;
let count = 0;
const add = (x: number) => {
  count++;
  return x + offset;
};
const counted = () => count;

describe("functions", () => {
  test("see their variables, which functions of one script share", () => {
    const copy = carried({ add, counted });
    expect([copy.add(1), copy.add(2), copy.counted(), count]).toEqual([11, 12, 2, 0]);
  });

  test("may call themselves and each other", () => {
    const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
    const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);
    function factorial(n: number): number {
      return n <= 1 ? 1 : n * factorial(n - 1);
    }
    expect([carried(isEven)(10), carried(factorial)(5), carried(factorial).name]).toEqual([true, 120, "factorial"]);
  });

  test("of every form", async () => {
    const base = 2;
    const forms = {
      method(x: number) {
        return x * base;
      },
      async later(x: number) {
        return x * base;
      },
      *[Symbol.iterator]() {
        yield base;
      },
      get got() {
        return base;
      },
      "quoted name": (x: number) => x * base,
      async: (async: number) => async * base,
      nested: (a: number) => (b: number) => a + b + base,
    } satisfies Record<PropertyKey, unknown> as {
      method(x: number): number;
      later(x: number): Promise<number>;
      [Symbol.iterator](): Iterator<number>;
      got: number;
      "quoted name"(x: number): number;
      async(x: number): number;
      nested(a: number): (b: number) => number;
    };
    const copy = carried(forms);
    expect([
      copy.method(3),
      await copy.later(4),
      [...{ [Symbol.iterator]: () => copy[Symbol.iterator]() }],
      copy.got,
    ]).toEqual([6, 8, [2], 2]);
    expect([copy["quoted name"](5), copy.async(6), copy.nested(1)(2)]).toEqual([10, 12, 5]);
  });

  test("classes keep what they extend, static members, accessors and their objects", () => {
    class Shape {
      static sides = 3;
      static readonly all: Shape[] = [];
      constructor(readonly name: string) {}
      area(): number {
        return 0;
      }
      get label(): string {
        return `${this.name} of ${this.area()}`;
      }
    }
    const mixin = (base: typeof Shape) =>
      class extends base {
        mixed = true;
      };
    class Square extends mixin(Shape) {
      static unit = new Square(1);
      constructor(readonly side: number) {
        super("square");
      }
      override area(): number {
        return this.side ** 2;
      }
    }
    Shape.all.push(Square.unit);
    Shape.sides = 4;
    const two = new Square(2);
    const copy = carried({ Shape, Square, two });
    expect([copy.two.label, copy.two.mixed, copy.two instanceof copy.Square, copy.two instanceof copy.Shape]).toEqual([
      "square of 4",
      true,
      true,
      true,
    ]);
    expect(copy.Square).not.toBe(Square);
    expect([new copy.Square(3).area(), copy.Shape.sides, copy.Square.unit.area(), copy.Square.name]).toEqual([
      9,
      4,
      1,
      "Square",
    ]);
    expect(copy.Shape.all[0]).toBe(copy.Square.unit);
  });

  test("of the library, of Node and of JavaScript are the same on both sides", () => {
    const library = load("../index") as typeof torch;
    const { relu, nn, float32 } = library;
    const sent = { relu, Linear: nn.Linear, float32, library, join, max: Math.max, console };
    const copy = carried(sent);
    for (const name of Object.keys(sent) as (keyof typeof sent)[]) expect(copy[name], name).toBe(sent[name]);
  });
});
