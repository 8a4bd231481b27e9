// The group `rng`: random streams, default initialisation, loaders and generator states (format: test/data/goldens/rng/README.md).

import { type Case, type Group, jsonFiles, type Options, readJson } from "./cases";
import { compareJson } from "./compare";
import { type Bag, call, callMethod, construct, isTensor, lookup, Mismatch, member } from "./library";
import { type Closeness, compareRecorded, type RecordedTensor, type WholeTensor } from "./recorded";
import { baseScope, evaluate, evaluateOne, withNamespace } from "./snippet";
import { fromBase64, makeTensor } from "./tensors";

interface RngStep {
  readonly js: string;
  readonly cmp: string;
  readonly result: RecordedTensor;
}

interface RngCase {
  readonly id: string;
  readonly kind: string;
  readonly seed: number | string;
  readonly setup?: { js: string };
  readonly steps?: RngStep[];
  readonly js?: string | string[];
  readonly next_rand?: WholeTensor;
  readonly state_dict?: (RecordedTensor & { name: string })[];
  readonly generator_seed?: number | null;
  readonly generator_next_rand?: WholeTensor;
  readonly epochs?: unknown[];
  readonly passes?: unknown[];
  readonly indices?: unknown[];
  readonly n?: number;
  readonly batch_size?: number;
  readonly shuffle?: boolean;
  readonly num_workers?: number;
  readonly state_after?: WholeTensor;
  readonly then?: RngStep[] | WholeTensor;
  readonly default_seed?: string;
  readonly default_rand?: WholeTensor;
  readonly after_manual_seed?: WholeTensor;
  readonly other_generator_with_same_state?: WholeTensor;
  readonly initial_seed_of_other?: string;
  readonly inner_seed?: number;
  readonly before?: WholeTensor;
  readonly inner?: WholeTensor;
  readonly after?: WholeTensor;
  readonly initial_seed?: string;
  readonly rand?: WholeTensor;
}

/** The words of the format for how exactly to compare. */
const closeness: { readonly [cmp: string]: Closeness } = {
  exact: { ulps: 0 },
  fma: { ulps: 0 },
  normal_small: { ulps: 1 },
  normal_vec: { ulps: 0 },
  libm: { ulps: 4, or: { rtol: 0, atol: 1e-6 } },
  lapack: { ulps: 0, or: { rtol: 0, atol: 1e-5 } },
};

const exact: Closeness = closeness.exact;

const numberOrBig = (seed: number | string) => {
  const big = BigInt(seed);
  return Number.isSafeInteger(Number(big)) ? Number(big) : big;
};

/** A required field of a case of this kind. */
function need<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the case has no ${name}`);
  return value;
}

function checkNext(test: RngCase): void {
  if (test.next_rand) compareRecorded("next torch.rand(1)", call("torch.rand", 1), test.next_rand, exact);
}

function runSteps(setup: string, steps: readonly RngStep[]): void {
  evaluate(
    setup,
    steps.map((step) => step.js),
    baseScope(),
    (i, value) => {
      compareRecorded(steps[i].js, value, steps[i].result, closeness[steps[i].cmp] ?? exact);
    },
  );
}

function drawCase(test: RngCase): void {
  runSteps(test.setup?.js ?? "", need(test.steps, "steps"));
  checkNext(test);
}

/** Uniform draws are exact; normal ones below sixteen elements may differ by one unit in the last place. */
const initCloseness = (tensor: RecordedTensor): Closeness =>
  tensor.shape.reduce((a, b) => a * b, 1) < 16 ? closeness.normal_small : closeness.normal_vec;

function moduleCase(test: RngCase): void {
  const module = evaluateOne(String(test.js), baseScope());
  const state = callMethod(module, "state_dict");
  const entries: [string, unknown][] = state instanceof Map ? [...state] : Object.entries(Object(state));
  const expected = need(test.state_dict, "state_dict");
  compareJson(
    "entries of the state_dict",
    entries.map(([name]) => name),
    expected.map(({ name }) => name),
  );
  expected.forEach((tensor, i) => {
    compareRecorded(tensor.name, entries[i][1], tensor, initCloseness(tensor));
  });
  checkNext(test);
}

/** A batch or an item as plain numbers. */
function plain(value: unknown): unknown {
  if (isTensor(value)) return callMethod(value, "tolist");
  return Array.isArray(value) ? value.map(plain) : value;
}

function all(iterable: unknown): unknown[] {
  if (typeof iterable !== "object" || iterable === null || !(Symbol.iterator in iterable)) {
    throw new Mismatch("not iterable");
  }
  return Array.from(iterable as Iterable<unknown>, plain);
}

function dataScope(test: RngCase): Bag {
  const g =
    test.generator_seed === undefined || test.generator_seed === null
      ? undefined
      : callMethod(construct("torch.Generator"), "manual_seed", test.generator_seed);
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  return withNamespace("torch.utils.data", { ...baseScope(), range, g });
}

function checkGenerator(test: RngCase, scope: Bag): void {
  if (!test.generator_next_rand) return;
  const next = call("torch.rand", 1, { generator: scope.g });
  compareRecorded("next draw of the generator", next, test.generator_next_rand, exact);
}

/** Loaders and samplers: what each pass gives. */
function passCase(test: RngCase): void {
  const scope = dataScope(test);
  const loader = evaluateOne(String(test.js), scope);
  const expected = need(test.epochs ?? test.passes, "epochs");
  expected.forEach((pass, i) => {
    compareJson(`pass ${i}`, all(loader), pass);
  });
  checkNext(test);
  checkGenerator(test, scope);
}

function splitCase(test: RngCase): void {
  const scope = dataScope(test);
  const parts = evaluateOne(String(test.js), scope);
  const indices = Array.isArray(parts) ? parts.map((part) => all(member(part, "indices"))) : [];
  compareJson("indices", indices, need(test.indices, "indices"));
  checkNext(test);
  checkGenerator(test, scope);
}

/** Items that tell which worker made them, with which seed and what it drew first. */
function workerCase(test: RngCase): void {
  const info = lookup("torch.utils.data.get_worker_info");
  if (typeof info !== "function") throw new Mismatch("getWorkerInfo is not a function");
  const items = {
    length: need(test.n, "n"),
    get: (index: number) => {
      const worker: unknown = info();
      const seed = String(member(worker, "seed"));
      const rand = callMethod(call("torch.rand", 1), "tolist");
      return {
        index,
        worker: member(worker, "id"),
        worker_seed: seed,
        initial_seed: String(call("torch.initial_seed")),
        rand,
      };
    },
  };
  const loader = construct("torch.utils.data.DataLoader", items, {
    batchSize: test.batch_size,
    shuffle: test.shuffle,
    numWorkers: test.num_workers,
    collateFn: (batch: unknown) => batch,
  });
  need(test.epochs, "epochs").forEach((epoch, i) => {
    const recorded: unknown = JSON.parse(JSON.stringify(epoch), (key, value) =>
      key === "rand" ? value.values : value,
    );
    compareJson(`epoch ${i}`, all(loader), recorded);
  });
}

function stateCase(test: RngCase): void {
  for (const text of Array.isArray(test.js) ? test.js : []) evaluateOne(text, baseScope());
  const state = need(test.state_after, "state_after");
  compareRecorded("getRngState()", call("torch.get_rng_state"), state, exact);
  const then = Array.isArray(test.then) ? test.then : [];
  runSteps("", then);
  call("torch.set_rng_state", makeTensor(fromBase64(state), "cpu"));
  runSteps("", then);
}

function generatorCase(test: RngCase): void {
  const generator = construct("torch.Generator");
  const draw = (from: unknown) => call("torch.rand", 3, { generator: from });
  compareJson("initialSeed()", String(callMethod(generator, "initial_seed")), test.default_seed);
  compareRecorded("default draws", draw(generator), need(test.default_rand, "default_rand"), exact);
  callMethod(generator, "manual_seed", test.seed);
  compareRecorded("after manualSeed", draw(generator), need(test.after_manual_seed, "after_manual_seed"), exact);
  const other = construct("torch.Generator");
  callMethod(other, "set_state", callMethod(generator, "get_state"));
  if (Array.isArray(test.then)) throw new Error("the draws that follow are one tensor");
  compareRecorded("draws that follow", draw(generator), need(test.then, "then"), exact);
  const same = need(test.other_generator_with_same_state, "other_generator_with_same_state");
  compareRecorded("draws of the copy", draw(other), same, exact);
  compareJson("initialSeed() of the copy", String(callMethod(other, "initial_seed")), test.initial_seed_of_other);
}

function forkCase(test: RngCase): void {
  const draw = (what: string, expected: WholeTensor | undefined) =>
    compareRecorded(what, call("torch.rand", 2), need(expected, what), exact);
  draw("before", test.before);
  call("torch.random.fork_rng", () => {
    call("torch.manual_seed", test.inner_seed);
    draw("inner", test.inner);
  });
  draw("after", test.after);
}

function seedCase(test: RngCase): void {
  compareJson("initialSeed()", String(call("torch.initial_seed")), test.initial_seed);
  compareRecorded("torch.rand(2)", call("torch.rand", 2), need(test.rand, "rand"), exact);
}

const kinds: { readonly [kind: string]: (test: RngCase) => void } = {
  module_init: moduleCase,
  loader: passCase,
  sampler: passCase,
  random_split: splitCase,
  worker_seed: workerCase,
  state: stateCase,
  generator_object: generatorCase,
  fork_rng: forkCase,
  seed_value: seedCase,
};

function* cases(options: Options): Iterable<Case> {
  for (const file of jsonFiles(options, "rng")) {
    for (const test of readJson<{ cases: RngCase[] }>(options, "rng", `${file}.json`).cases) {
      const run = () => {
        call("torch.manual_seed", numberOrBig(test.seed));
        (kinds[test.kind] ?? drawCase)(test);
      };
      yield { id: test.id, file, run };
    }
  }
}

/** Random streams. */
export const rng: Group = { name: "rng", cases };
