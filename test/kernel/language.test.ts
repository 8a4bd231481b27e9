// The language of cells is TypeScript as it is now: blocks that end what they declare, standard decorators, what newer checkers infer.

import { afterAll, describe, expect, test } from "vitest";
import { Recorder } from "./recorder";

const cells = new Recorder();

afterAll(() => cells.session.close());

describe("using", () => {
  test("ends what a block, a loop or a cell declares, and keeps the value of the cell", async () => {
    await cells.run(
      `class Held { constructor(readonly name: string) {} [Symbol.dispose]() { console.log("end", this.name) } }
class Later { async [Symbol.asyncDispose]() { await null; console.log("end later") } }`,
    );
    const block = await cells.run(`{ using a = new Held("a"); using b = new Held("b"); console.log("in") }`);
    expect(block.stdout).toBe("in\nend b\nend a\n");
    const whole = await cells.run(
      `using held = new Held("cell"); function named() { return held.name }; let n = 1;\nn + 1`,
    );
    expect([whole.stdout, whole.result]).toEqual(["end cell\n", "2"]);
    expect((await cells.run("named() + n")).result).toBe("'cell1'");
    const loop = await cells.run(`for (using each of [new Held("1"), new Held("2")]) console.log(each.name)`);
    expect(loop.stdout).toBe("1\nend 1\n2\nend 2\n");
    expect((await cells.run(`await using later = new Later(); 5`)).stdout).toBe("end later\n");
    const failed = await cells.run(`using last = new Held("last"); throw new Error("no")`);
    expect([failed.stdout, failed.error?.message]).toEqual(["end last\n", "no"]);
  });

  test("ends a mode with its block, as Python's with", async () => {
    const { stdout, result } = await cells.run(
      `const told: boolean[] = [];
{
  using _ = torch.noGrad();
  told.push(torch.isGradEnabled());
  { using inner = torch.enableGrad(); told.push(torch.isGradEnabled()); }
  told.push(torch.isGradEnabled());
}
{ using set = torch.setGradEnabled(false); told.push(torch.isGradEnabled()); }
const unused = torch.noGrad();
told.push(torch.isGradEnabled());
console.log(told.join());
torch.manualSeed(3);
const first = torch.rand(1).item();
torch.manualSeed(3);
{ using fork = torch.random.forkRng(); torch.rand(5); }
first === torch.rand(1).item()`,
    );
    expect([stdout, result]).toEqual(["false,true,false,false,true\n", "true"]);
  });
});

test("decorators are those of the standard; a mode decorates a method", async () => {
  const { stdout, result } = await cells.run(
    `function logged<T, A extends unknown[], R>(f: (this: T, ...a: A) => R, context: ClassMethodDecoratorContext) {
  return function (this: T, ...a: A): R { console.log(String(context.name)); return f.apply(this, a); };
}
class Net extends nn.Module {
  fc = new nn.Linear(2, 2);
  accessor count = 1;
  forward(x: torch.Tensor) { return this.fc(x); }
  @torch.noGrad() predict(x: torch.Tensor) { return this.fc(x); }
  @logged twice(n: number) { return 2 * n; }
}
const net = new Net();
[net(torch.ones(2)).requiresGrad, net.predict(torch.ones(2)).requiresGrad, net.twice(2), net.count]`,
  );
  expect([stdout, result]).toEqual(["twice\n", "[ true, false, 4, 1 ]"]);
});

test("what newer checkers know: satisfies, const type parameters, inferred predicates", async () => {
  const { result } = await cells.run(
    `function list<const T>(x: T): T { return x }
const pair: readonly ["a", "b"] = list(["a", "b"]);
const record = { a: 1 } satisfies Record<string, number>;
const texts = ["a", null, "b"].filter((x) => x !== null);
[pair.length, record.a, ...texts.map((text) => text.toUpperCase()), "x".isWellFormed()]`,
  );
  expect(result).toBe("[ 2, 1, 'A', 'B', true ]");
});

test("a class with decorators at the end of a cell is no value", async () => {
  expect((await cells.run("const kept = <T>(c: T, _: unknown): T => c;\n@kept class Last {}")).result).toBeUndefined();
});
