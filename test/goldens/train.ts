// The group `train`: whole training programs, optimizers, schedulers and mixed precision (format: test/data/goldens/train/README.md).

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Case, type Group, type Options, readJson } from "./cases";
import { agrees, compareJson } from "./compare";
import { runFashion } from "./fashion";
import { type Bag, call, callMethod, construct, isBag, isTensor, lookup, Mismatch, member } from "./library";
import { runPython } from "./python/run";
import { compareSums, compareWithin, type RecordedTensor } from "./recorded";
import { baseScope, evaluate, withNamespace } from "./snippet";
import { readTensor } from "./tensors";

type Named = RecordedTensor & { readonly name: string; readonly noise_rel?: number };

interface Bounds {
  readonly losses_rel: number;
  readonly final_rel: number;
}

interface Run {
  readonly losses: number[];
  readonly final: Named[];
  readonly tolerance: Bounds;
  readonly compare_steps?: number;
}

interface ProgramCase extends Run {
  readonly id: string;
  readonly python: string;
  readonly initial?: Named[];
  readonly values?: { readonly [name: string]: number | string | RecordedTensor };
  readonly [list: string]: unknown;
}

/** Losses and pushed numbers are recorded with nine digits: half a unit of the last one. */
const NINE_DIGITS = 5e-9;

const numberOf = (value: unknown) => Number(isTensor(value) ? callMethod(value, "item") : value);

function compareNumbers(what: string, got: readonly number[], expected: readonly number[], rtol: number): void {
  if (got.length !== expected.length) throw new Mismatch(`${what}: ${got.length} values, expected ${expected.length}`);
  const wrong = expected.findIndex((value, i) => !agrees(got[i], value, { rtol, atol: 0 }));
  if (wrong >= 0) throw new Mismatch(`${what}[${wrong}]: ${got[wrong]}, expected ${expected[wrong]}`);
}

function stateEntries(model: unknown): Map<string, unknown> {
  const state = callMethod(model, "state_dict");
  return new Map(state instanceof Map ? state : Object.entries(Object(state)));
}

/** The largest magnitude of a recorded tensor, to which tolerances of tensors are relative. */
function magnitude(values: readonly (number | bigint)[]): number {
  return values.reduce<number>((largest, value) => Math.max(largest, Math.abs(Number(value))), 0);
}

function compareTensor(what: string, value: unknown, expected: RecordedTensor, rtol: number): void {
  const atol = rtol * magnitude(readTensor(value).values);
  if ("b64" in expected) compareWithin(what, value, expected, { rtol: 0, atol });
  else compareSums(what, readTensor(value), expected, rtol);
}

/** Compares a model's entries; those that move between kernels by themselves get room for it. */
function compareState(
  what: string,
  state: ReadonlyMap<string, unknown>,
  expected: readonly Named[],
  rtol: number,
): void {
  compareJson(
    `${what} entries`,
    [...state.keys()],
    expected.map(({ name }) => name),
  );
  for (const tensor of expected) {
    compareTensor(
      `${what} ${tensor.name}`,
      state.get(tensor.name),
      tensor,
      Math.max(rtol, 20 * (tensor.noise_rel ?? 0)),
    );
  }
}

function runProgram(test: ProgramCase): void {
  const { losses_rel, final_rel } = test.tolerance;
  const losses: number[] = [];
  const lists = new Map<string, number[]>();
  const values = new Map<string, unknown>();
  const scope: Bag = {
    ...withNamespace("torch.optim.swaUtils", withNamespace("torch.utils.data", baseScope())),
    copy: { deepcopy: (value: unknown) => call("torch.deepcopy", value) },
    init: (model: unknown) => compareState("initial", stateEntries(model), test.initial ?? [], 1e-6),
    log: (loss: unknown) => void losses.push(numberOf(loss)),
    push: (name: string, value: unknown) => lists.set(name, [...(lists.get(name) ?? []), numberOf(value)]),
    value: (name: string, value: unknown) => values.set(name, value),
    final: (model: unknown) => {
      compareNumbers("losses", losses, test.losses, Math.max(losses_rel, NINE_DIGITS));
      compareState("final", stateEntries(model), test.final, final_rel);
    },
  };
  runPython(test.python, scope);
  for (const [name, list] of lists)
    compareNumbers(name, list, [test[name]].flat().map(Number), Math.max(losses_rel, NINE_DIGITS));
  for (const [name, expected] of Object.entries(test.values ?? {})) {
    const got = values.get(name);
    if (typeof expected === "object") compareTensor(name, got, expected, final_rel);
    else if (typeof expected === "number") compareNumbers(name, [numberOf(got)], [expected], final_rel);
    else compareJson(name, String(got), expected);
  }
}

/** A recorded state of an optimizer: tensors, numbers. */
function compareOptimizerState(opt: unknown, model: unknown, recorded: Bag): void {
  const [first] = Array.from(callMethod(model, "parameters") as Iterable<unknown>);
  const states = member(opt, "state");
  const state: unknown = states instanceof Map ? states.get(first) : undefined;
  for (const [name, expected] of Object.entries(recorded)) {
    // Names of the state are PyTorch's, as they are the keys of its state_dict.
    const got = isBag(state) && name in state ? state[name] : member(state, name);
    if (typeof expected === "number") compareNumbers(name, [numberOf(got)], [expected], 1e-9);
    else if (isRecorded(expected)) compareTensor(name, got, expected, 1e-9);
  }
}

function isRecorded(value: unknown): value is RecordedTensor {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value;
}

interface OptimizerCase {
  readonly id: string;
  readonly js: string;
  readonly float32: Run;
  readonly float64: Run;
  readonly state_of_first_parameter?: Bag;
}

function runOptimizer(setup: string, test: OptimizerCase): void {
  for (const precision of ["float32", "float64"] as const) {
    const run = test[precision];
    const wide = precision === "float64" ? "X = X.double(); Y = Y.double(); model.double();" : "";
    const source = setup.replace("<case>", () => test.js).replace(/^.*in the float64 runs.*$/m, wide);
    const losses: number[] = [];
    const scope = { ...baseScope(), log: (loss: unknown) => void losses.push(numberOf(loss)) };
    evaluate(source, ["[model, opt]"], scope, (_, value) => {
      const [model, opt] = Array.isArray(value) ? value : [];
      const steps = run.compare_steps ?? run.losses.length;
      compareNumbers(
        `${precision} losses`,
        losses.slice(0, steps),
        run.losses.slice(0, steps),
        run.tolerance.losses_rel,
      );
      if (run.compare_steps !== undefined) return;
      compareState(`${precision} final`, stateEntries(model), run.final, run.tolerance.final_rel);
      if (precision === "float64") compareOptimizerState(opt, model, test.state_of_first_parameter ?? {});
    });
  }
}

interface SchedulerCase {
  readonly id: string;
  readonly js: string;
  readonly lr: number[][];
  readonly momentum?: number[][];
  readonly metrics?: number[];
}

function runScheduler(setup: string, test: SchedulerCase): void {
  lookup("torch.optim.lr_scheduler");
  const names = `${setup}\nconst lr_scheduler = lrScheduler;\nconst scheduler = ${test.js};`;
  evaluate(names, ["[opt, scheduler]"], baseScope(), (_, value) => {
    const [opt, scheduler] = Array.isArray(value) ? value : [];
    const groups = () => Array.from(member(opt, "param_groups") as Iterable<unknown>);
    test.lr.forEach((rates, step) => {
      if (step > 0) callMethod(scheduler, "step", ...(test.metrics ? [test.metrics[step - 1]] : []));
      const at = `after step ${step}`;
      compareNumbers(
        `lr ${at}`,
        groups().map((group) => numberOf(member(group, "lr"))),
        rates,
        1e-12,
      );
      const momenta = test.momentum?.[step];
      if (!momenta) return;
      const found = groups().map((group) => {
        const bag = Object(group);
        return numberOf("momentum" in bag ? bag.momentum : member(group, "betas_0"));
      });
      compareNumbers(`momentum ${at}`, found, momenta, 1e-12);
    });
  });
}

interface AmpCase {
  readonly id: string;
  readonly kind: string;
  readonly js: string;
  readonly result_dtype?: string;
  readonly error?: string;
  readonly init_scale?: number;
  readonly growth_factor?: number;
  readonly backoff_factor?: number;
  readonly growth_interval?: number;
  readonly steps?: { found_inf: boolean; scale_after: number; growth_tracker_after: number }[];
}

/** The tensors that the autocast snippets name. */
const ampInputs = `torch.manualSeed(1); const x = torch.rand(4, 4), w = torch.rand(4, 4); const y = torch.tensor([0, 1, 2, 3]);
const img = torch.rand(1, 1, 4, 4), k = torch.rand(2, 1, 2, 2);`;

function runAutocast(test: AmpCase): void {
  lookup("torch.autocast");
  const source = `torch.autocast("cpu", { dtype: torch.bfloat16 }, () => (${test.js}))`;
  try {
    evaluate(ampInputs, [source], baseScope(), (_, value) => {
      compareJson("dtype", String(member(value, "dtype")), test.result_dtype);
    });
  } catch (error) {
    if (test.error === undefined || error instanceof Mismatch) throw error;
    return;
  }
  if (test.error !== undefined) throw new Mismatch(`no error, expected ${test.error}`);
}

function runScaler(test: AmpCase): void {
  const { init_scale, growth_factor, backoff_factor, growth_interval } = test;
  const options = {
    initScale: init_scale,
    growthFactor: growth_factor,
    backoffFactor: backoff_factor,
    growthInterval: growth_interval,
  };
  const scaler = construct("torch.cuda.amp.GradScaler", options);
  const parameter = construct("torch.nn.Parameter", call("torch.zeros", 1));
  const optimizer = construct("torch.optim.SGD", [parameter], { lr: 0.1 });
  test.steps?.forEach(({ found_inf, scale_after, growth_tracker_after }, i) => {
    const factor = found_inf ? Number.POSITIVE_INFINITY : 1;
    callMethod(optimizer, "zero_grad");
    const loss = callMethod(callMethod(parameter, "mul", factor), "sum");
    callMethod(callMethod(scaler, "scale", loss), "backward");
    callMethod(scaler, "step", optimizer);
    callMethod(scaler, "update");
    const state = callMethod(scaler, "state_dict");
    // Names of the state are PyTorch's.
    const tracker = isBag(state) ? state._growth_tracker : undefined;
    compareJson(`step ${i}`, [callMethod(scaler, "get_scale"), tracker], [scale_after, growth_tracker_after]);
  });
}

interface File<T> {
  readonly meta: { readonly setup_js?: string };
  readonly cases: readonly T[];
}

function* cases(options: Options): Iterable<Case> {
  const file = <T>(name: string): File<T> =>
    existsSync(join(options.dir, "train", `${name}.json`))
      ? readJson<File<T>>(options, "train", `${name}.json`)
      : { meta: {}, cases: [] };
  for (const test of file<ProgramCase>("programs").cases) {
    yield { id: test.id, file: "programs", run: () => runProgram(test) };
  }
  const optimizers = file<OptimizerCase>("optimizers");
  for (const test of optimizers.cases) {
    yield { id: test.id, file: "optimizers", run: () => runOptimizer(optimizers.meta.setup_js ?? "", test) };
  }
  const schedulers = file<SchedulerCase>("schedulers");
  for (const test of schedulers.cases) {
    yield { id: test.id, file: "schedulers", run: () => runScheduler(schedulers.meta.setup_js ?? "", test) };
  }
  for (const test of file<AmpCase>("amp").cases) {
    yield { id: test.id, file: "amp", run: () => (test.kind === "autocast" ? runAutocast(test) : runScaler(test)) };
  }
  if (existsSync(join(options.dir, "train", "fashion_small.json"))) {
    for (const shuffle of [false, true]) {
      const id = shuffle ? "shuffled_run" : "run";
      yield { id, file: "fashion_small", run: () => runFashion(options, shuffle) };
    }
  }
}

/** Training. */
export const train: Group = { name: "train", cases };
