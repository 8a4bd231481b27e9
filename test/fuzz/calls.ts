// `npm run fuzz -- calls`: random calls of every function that PyTorch has too, run here and there and compared.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { snakeCase } from "../../core/tensor/python-text";
import { type Argument, Maker, Random, type TensorSpec, type Value } from "./calls-arguments";
import { type Difference, difference, foreign } from "./calls-compare";
import { type Call, type Outcome, runHere, split, writes } from "./calls-run";
import { explained } from "./calls-rules";
import type { Entry } from "./calls-rows";
import { entries } from "./calls-table";
import { pythonName } from "./calls-names";
import { javascript, python } from "./calls-print";

/** A long-lived Python process that answers one line for each line. */
class Peer {
  private process: ChildProcessWithoutNullStreams | null = null;
  private waiting: ((line: string | null) => void)[] = [];

  private start(): ChildProcessWithoutNullStreams {
    const script = join(__dirname, "..", "..", "..", "test", "fuzz", "calls.py");
    const child = spawn("/usr/bin/python3", ["-u", script], { env: { ...process.env, OMP_NUM_THREADS: "1" } });
    child.stderr.pipe(process.stderr);
    createInterface({ input: child.stdout }).on("line", (line) => this.waiting.shift()?.(line));
    child.on("exit", () => {
      this.process = null;
      for (const answer of this.waiting.splice(0)) answer(null);
    });
    return child;
  }

  /** The answers to requests, in order; null for one that ended the process. */
  async ask(requests: readonly object[]): Promise<(unknown | null)[]> {
    const answers: (unknown | null)[] = [];
    let sent = 0;
    while (answers.length < requests.length) {
      this.process ??= this.start();
      const child = this.process;
      const batch = requests.slice(answers.length);
      sent = batch.length;
      const lines = batch.map((request) => {
        child.stdin.write(`${JSON.stringify(request)}\n`);
        return new Promise<string | null>((resolve) => this.waiting.push(resolve));
      });
      const got = await Promise.all(lines);
      const ended = got.indexOf(null);
      const whole = ended < 0 ? sent : ended;
      answers.push(...got.slice(0, whole).map((line) => JSON.parse(line as string) as unknown));
      if (ended >= 0) answers.push(null);
    }
    return answers;
  }

  end(): void {
    this.process?.kill();
  }
}

function request(call: Call): object {
  const { args, named } = split(call);
  return {
    space: call.space,
    name: pythonName(call.name),
    inplace: writes(call.name),
    tensors: call.tensors,
    args,
    named: Object.fromEntries(named.map(([name, v]) => [snakeCase(name), v])),
  };
}

const WRONG: readonly (Value | undefined)[] = ["x", null, [], -100, 100, 1.5, true, 0, -1, [0], [-1, 2], undefined];

/** The call with something wrong, or at least unusual, about it. */
function spoilt(call: Call, maker: Maker): void {
  const { random } = maker;
  // A method needs its tensor.
  const first = call.space === "method" ? 1 : 0;
  if (call.args.length <= first) return;
  const k = random.int(first, call.args.length - 1);
  const what = random.int(0, 5);
  if (what === 0) call.args[k] = [call.args[k][0], random.pick(WRONG), call.args[k][2]] as Argument;
  else if (what === 1) call.args.push(["foo", 1, "keyword"]);
  else if (what === 2) call.args[k] = [call.args[k][0], maker.tensor(maker.shape()), call.args[k][2]] as Argument;
  else if (call.tensors.length > 0) {
    const at = random.int(0, call.tensors.length - 1);
    const old = call.tensors[at];
    const made = new Maker(random);
    made.dtype =
      what < 5 ? old.dtype : random.pick(["float32", "float64", "int64", "int32", "uint8", "bool", "bfloat16"]);
    const sizes = what === 5 ? old.sizes : maker.shape();
    made.tensor(sizes, "any", made.dtype);
    call.tensors[at] = made.tensors[0];
  }
}

/** A random call of an entry. */
function callOf(entry: Entry, random: Random, plain: boolean): Call {
  const maker = new Maker(random);
  const args = entry.make(maker);
  const call: Call = { space: entry.space, name: entry.name, tensors: maker.tensors, args, positional: args.length };
  if (!plain && random.chance(0.12)) spoilt(call, maker);
  if (!plain && random.chance(0.3)) call.positional = random.int(1, args.length);
  return call;
}

interface Failure {
  entry: string;
  call: Call;
  found: Difference;
}

async function failing(call: Call, peer: Peer): Promise<Difference | null> {
  const here = runHere(call);
  const [there] = (await peer.ask([request(call)])) as (Outcome | null)[];
  if (there === null) return null;
  return verdict(call, here, there);
}

function verdict(call: Call, here: Outcome, there: Outcome): Difference | null {
  const found = difference(here, there);
  if (found !== null) return explained(call, found, here, there) === null ? found : null;
  if (foreign(here) && there.error !== undefined) {
    return { kind: "JavaScript's own words", here: here.error ?? "", there: there.error };
  }
  return null;
}

/** Simpler calls to try in place of a failing one. */
function simpler(call: Call): Call[] {
  const copies: Call[] = [];
  const change = (edit: (copy: Call) => void) => {
    const copy = structuredClone(call);
    edit(copy);
    copies.push(copy);
  };
  call.args.forEach((arg, k) => {
    if (arg[1] !== undefined && k > 0) {
      change((copy) => {
        copy.args[k][1] = undefined;
      });
    }
  });
  call.tensors.forEach((spec, k) => {
    const edit = (of: (copy: TensorSpec) => TensorSpec) =>
      change((copy) => {
        copy.tensors[k] = of(copy.tensors[k]);
      });
    if (spec.layout !== null) edit((copy) => ({ ...copy, layout: null }));
    if (spec.grad) edit((copy) => ({ ...copy, grad: false }));
    if (spec.data.some((v) => v !== 1)) edit((copy) => ({ ...copy, data: copy.data.map(() => 1) }));
    const simple = spec.data.map((v) => (typeof v === "number" ? Math.round(v) : v));
    if (simple.join() !== spec.data.join()) edit((copy) => ({ ...copy, data: simple }));
    spec.sizes.forEach((n, d) => {
      if (n > 1) change((copy) => cut(copy, k, d));
    });
  });
  if (call.positional < call.args.length) {
    change((copy) => {
      copy.positional = copy.args.length;
    });
  }
  return copies;
}

/** The last part of one dimension left out. */
function cut(call: Call, at: number, dim: number): void {
  const spec = call.tensors[at];
  const inner = spec.sizes.slice(dim + 1).reduce((n, k) => n * k, 1);
  const n = spec.sizes[dim];
  spec.data = spec.data.filter((_, k) => Math.floor(k / inner) % n !== n - 1);
  spec.sizes[dim] = n - 1;
}

async function shrunk(failure: Failure, peer: Peer): Promise<Failure> {
  let best = failure;
  for (let round = 0; round < 30; round++) {
    let better: Failure | null = null;
    for (const call of simpler(best.call)) {
      const found = await failing(call, peer);
      if (found !== null && found.kind === failure.found.kind) {
        better = { ...failure, call, found };
        break;
      }
    }
    if (better === null) break;
    best = better;
  }
  return best;
}

/** What to run. */
export interface CallsOptions {
  seed: number;
  programs: number;
  minutes?: number;
  /** Only calls by position with arguments that fit. */
  plain?: boolean;
  /** Only functions whose name matches. */
  only?: RegExp;
}

/** Runs random calls and reports what differs; the number of differing calls. */
export async function fuzzCalls(options: CallsOptions): Promise<number> {
  const { seed, programs, minutes = Number.POSITIVE_INFINITY, only } = options;
  const peer = new Peer();
  const chosen = entries.filter((entry) => only === undefined || only.test(entry.name));
  const names = chosen.map(({ space, name }) => [space, pythonName(name)]);
  const [{ missing }] = (await peer.ask([{ names }])) as { missing: [string, string][] }[];
  if (missing.length > 0) console.log(`not in PyTorch: ${missing.map((n) => n.join(".")).join(" ")}`);
  const absent = new Set(missing.map(String));
  const table = chosen.filter((_, k) => !absent.has(String(names[k])));
  const end = Date.now() + minutes * 60_000;
  const failures = new Map<string, Failure[]>();
  let wrong = 0;
  let done = 0;
  let raised = 0;
  let crashes = 0;
  while (done < programs && Date.now() < end) {
    const batch = Array.from({ length: Math.min(250, programs - done) }, (_, k) => {
      const random = new Random((seed * 1_000_003 + done + k) >>> 0);
      const entry = table[(done + k) % table.length];
      return { entry, call: callOf(entry, random, options.plain ?? false) };
    });
    const asked = peer.ask(batch.map(({ call }) => request(call)));
    const here = batch.map(({ call }) => runHere(call));
    const there = (await asked) as (Outcome | null)[];
    batch.forEach(({ entry, call }, k) => {
      const answer = there[k];
      if (answer === null) {
        crashes++;
        return;
      }
      if (answer.error !== undefined) raised++;
      const found = verdict(call, here[k], answer);
      if (found === null) return;
      wrong++;
      const key = `${entry.space}.${entry.name}: ${found.kind}`;
      failures.set(key, [...(failures.get(key) ?? []), { entry: key, call, found }]);
    });
    done += batch.length;
  }
  for (const [key, list] of [...failures].sort(([a], [b]) => a.localeCompare(b))) {
    const { call, found } = await shrunk(list[0], peer);
    console.log(
      `\n${key}${list.length > 1 ? ` (${list.length} calls)` : ""}\n  Py  ${python(call)}\n  TS  ${javascript(call)}`,
    );
    console.log(`      PyTorch ${found.there}\n      Cresset ${found.here}`);
  }
  peer.end();
  console.log(
    `calls: ${done} of ${table.length} functions, seed ${seed}; ${raised} raise in PyTorch, ${crashes} end its process; ${wrong} wrong`,
  );
  return wrong;
}

if (require.main === module) {
  const option = (name: string) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const only = option("only");
  void fuzzCalls({
    seed: Number(option("seed") ?? Date.now() % 1_000_000),
    programs: Number(option("programs") ?? 2000),
    plain: process.argv.includes("--plain"),
    minutes: option("minutes") === undefined ? undefined : Number(option("minutes")),
    only: only === undefined ? undefined : new RegExp(only),
  }).then((wrong) => {
    process.exitCode = wrong > 0 ? 1 : 0;
  });
}
