// Operators on tensors amid the rest of TypeScript: code whose shape makes rewriting hard. Each cell prints what it computes.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let cells: Recorder;

beforeAll(async () => {
  cells = new Recorder();
  await cells.run("const y = torch.ones(2), x = torch.tensor([[0., 1.], [2., 3.]]);");
});

afterAll(() => cells.session.close());

/** What a cell prints, without line breaks. */
async function prints(code: string): Promise<string> {
  const { stdout, error } = await cells.run(code);
  expect(error?.traceback.join("\n")).toBeUndefined();
  return stdout.replaceAll(/\s+/g, " ").trim();
}

test("comments, line breaks and parentheses", async () => {
  const code = `
    const sum = x // first
      .mean(0) /* second */
      + y // third
        * 2; // fourth
    const picked = (
      // before
      x
      // between
      [1 /* one */, /* two */ 0] // after
    );
    console.log(sum, picked);`;
  expect(await prints(code)).toBe("tensor([3., 4.]) tensor(2.)");
});

test("comparisons beside type arguments, casts and assertions", async () => {
  const code = `
    function id<T>(v: T) { return v; }
    const a = 1, b = 2, c = 3;
    console.log(id<torch.Tensor>(y) < id<number>(2), a < b, c < b, (<torch.Tensor>y + 1), y as torch.Tensor * 2, y! - 1, (y satisfies torch.Tensor) + 0);`;
  expect(await prints(code)).toBe(
    "tensor([True, True]) true false tensor([2., 2.]) tensor([2., 2.]) tensor([0., 0.]) tensor([1., 1.])",
  );
});

test("optional chains and defaults", async () => {
  const code = `
    const held: { t?: torch.Tensor; n?: { t: torch.Tensor } } = { t: x, n: { t: y } };
    const { k = x[0, 1] + 1 } = {} as { k?: torch.Tensor };
    console.log(held.t?.[1].sum(), held?.n?.t[0].item(), (held.t ?? 0)! === x, held.t![0, 1] + 1, k, ((a, b = a + 1, { c = b * 2 } = {}) => c)(y));`;
  expect(await prints(code)).toBe("tensor(5.) 1 true tensor(2.) tensor(2.) tensor([4., 4.])");
});

test("classes with accessors, private and static members, inheritance and generics", async () => {
  const code = `
    abstract class Base<T extends torch.Tensor = torch.Tensor> {
      protected readonly k = 2; abstract w: T; static made = 0; static { Base.made++; }
      get double() { return this.w * this.k; } set part(v: torch.Tensor) { this.w[0] = v; }
    }
    class Made extends Base {
      w = y * 3; #p = -this.w;
      get p() { return this.#p; }
      run(n = this.w + 1, ...rest: torch.Tensor[]) { return rest.reduce((s, t) => s + t, n); }
    }
    const made = new Made(); made.part = y[0] * 9;
    console.log(made.double, made.p, made.run(), made.run(y, y));`;
  expect(await prints(code)).toBe("tensor([18., 6.]) tensor([-3., -3.]) tensor([10., 4.]) tensor([2., 2.])");
});

test("loops, labels, switches, recursion and inferred variables", async () => {
  const code = `
    let total: torch.Tensor | undefined; for (const row of x) total = total ? total + row : row;
    let h = y * 0; for (let i = 0; i < 3; i++) { h = h * 0.5 + y; }
    let late; for (let i = 0; i < 3; i++) { late = late ? late + y : y; }
    const power = (n: number): torch.Tensor => (n < 1 ? y : power(n - 1) * 2);
    let seen = 0; outer: for (let i = 0; i < 3; i++) for (const row of x) { if (row[0] > 1) break outer; seen++; }
    switch (true) { case y.sum() > 1 ? true : false: seen += 10; }
    console.log(total, h, late, power(3), seen);`;
  expect(await prints(code)).toBe("tensor([2., 4.]) tensor([1.7500, 1.7500]) tensor([3., 3.]) tensor([8., 8.]) 11");
});

test("targets in arrays, records, tuples, namespaces and destructuring", async () => {
  const code = `
    const v = y * 1;
    const rows: Record<string, torch.Tensor[]> = { a: [x * 1, v] };
    rows.a[1] += 1; rows["a"][0] -= 1; rows.a[0][0, 0] = 50; rows.a[0][1] *= 2;
    const pair: [torch.Tensor, number] = [v, 2];
    namespace Kept { export let w = v; export function step() { w += 1; return w; } }
    Kept.step();
    let [p, q = p * 2] = [v + 1] as [torch.Tensor, torch.Tensor?]; [p, q] = [q, p]; p += q;
    let i = 0; const list = [v, v]; list[i++] += list[i++] * 2;
    console.log(rows.a, pair[0] * pair[1], pair[1] * pair[1], Kept.w, p, list[0], i);`;
  expect(await prints(code)).toBe(
    "[ tensor([[50., 0.], [ 2., 4.]]), tensor([9., 9.]) ] tensor([18., 18.]) 4 tensor([9., 9.]) tensor([12., 12.]) tensor([9., 9.]) 2",
  );
});

test("a template writes the number of a tensor without dimensions, as an f-string does", async () => {
  expect(
    await prints(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      "const loss = torch.tensor(0.5), n = torch.tensor(8), one = torch.tensor([1.]); const u: any = torch.tensor(2.); console.log(`${loss} ${n} ${u} ${one} ${String.raw`${n}`} ${[1]} ${loss * 2} ${loss.toFixed(3)}`, String(loss), loss.toString(), loss)",
    ),
  ).toBe("0.5 8 2.0 tensor([1.]) 8 1 1.0 0.500 0.5 tensor(0.5000) tensor(0.5000)");
});

test("presence of what may be missing is no truth value of a tensor", async () => {
  const code = `
    const record: Record<string, torch.Tensor> = { a: y }, list: torch.Tensor[] = [y];
    class Shift extends nn.Module {
      bias: torch.Tensor | null = y;
      forward(t: torch.Tensor, mask?: torch.Tensor) { const out = this.bias ? t + this.bias : t; return mask ? out * mask : out; }
    }
    console.log(record.a ? 1 : 0, record.b ? 1 : 0, list[0] ? 1 : 0, list[9] ? 1 : 0, x[0, 0] ? 1 : 0, new Shift()(y, y * 3));`;
  expect(await prints(code)).toBe("1 0 1 0 0 tensor([6., 6.])");
});

test("overloads, callbacks and unions", async () => {
  const code = `
    function twice(a: number): number; function twice(a: torch.Tensor): torch.Tensor;
    function twice(a: number | torch.Tensor) { return (a * 2) as never; }
    const operations: ((a: torch.Tensor, b: torch.Tensor) => torch.Tensor)[] = [(a, b) => a + b, (a, b) => a ** b];
    const tagged: torch.Tensor & { tag?: string } = y;
    console.log(twice(2), twice(y), operations.map((f) => f(y, y * 2)[0]), [1, 2].reduce((s, t) => s + y * t, torch.zeros(2)), tagged + 1);`;
  expect(await prints(code)).toBe("4 tensor([2., 2.]) [ tensor(3.), tensor(1.) ] tensor([3., 3.]) tensor([2., 2.])");
});

test("a sum of a thousand texts is not too deep", async () => {
  const terms = Array.from({ length: 1000 }, (_, i) => `"${i % 10}"`).join(" + ");
  expect(await prints(`console.log((${terms}).length)`)).toBe("1000");
});
