// Every class of torch.nn, torch.optim and torch.utils.data, and every function beside them, takes what PyTorch's takes, in order
// and by name, and refuses what PyTorch refuses, in its words. PyTorch's signatures are recorded in pytorch-signatures.json.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import recorded from "./pytorch-signatures.json";

// The library as compiled, of which there is one copy.
const compiled = createRequire(resolve(__dirname, "../../dist/core/index.js"));
const { signaturesOf } = compiled("./arguments/signed.js") as typeof import("../../core/arguments/signed");
const { snakeCase } = compiled("./tensor/python-text.js") as typeof import("../../core/tensor/python-text");
type Signature = ReturnType<typeof signaturesOf>[number];

const { amp, nn, optim, utils } = torch;
const spaces = {
  amp,
  nn,
  "nn.init": nn.init,
  "nn.utils": nn.utils,
  optim,
  "optim.lrScheduler": optim.lrScheduler,
  "optim.swaUtils": optim.swaUtils,
  "utils.data": utils.data,
};

/** What has no signature, by the reason. */
const without: { readonly [reason: string]: string } = {
  "bases of a user's own classes":
    "nn.Module optim.Optimizer utils.data.Dataset utils.data.IterableDataset utils.data.Sampler",
  "any number of modules, tensors or values":
    "nn.Sequential nn.Identity nn.utils.skipInit utils.data.StackDataset utils.data.TensorDataset",
  "names are those of modules and parameters": "nn.ModuleDict nn.ParameterDict",
  "a tensor, as Tensor is": "nn.Parameter nn.UninitializedBuffer nn.UninitializedParameter",
  "made by the library": "nn.StateDict nn.IncompatibleKeys",
  "a mode, with the function that runs in it behind the arguments": "amp.autocast",
  "no parameters": "utils.data.getWorkerInfo",
};

type Callee = (...args: never[]) => unknown;

interface Entry {
  name: string;
  callee: Callee;
  isClass: boolean;
  own: Signature | undefined;
}

const entries: Entry[] = Object.entries(spaces).flatMap(([space, holder]) =>
  Object.entries(holder).flatMap(([name, callee]): Entry[] => {
    if (typeof callee !== "function") return [];
    const isClass = /^class\b/.test(Function.prototype.toString.call(callee));
    return [{ name: `${space}.${name}`, callee: callee as Callee, isClass, own: signaturesOf(callee)[0] }];
  }),
);

test("every class and function has a signature", () => {
  const missing = entries.filter(({ own }) => own === undefined).map(({ name }) => name);
  expect(missing.sort()).toEqual(
    Object.values(without)
      .flatMap((names) => names.split(" "))
      .sort(),
  );
});

/** A signature as Python writes it, without types. */
function inPython(text: string): string {
  const parameters = text.slice(text.indexOf("(") + 1, -1).split(", ");
  return parameters.map((p) => p.replace(/^.* (\w+)/, (_, name: string) => snakeCase(name))).join(", ");
}

const signed = entries.flatMap((entry) => (entry.own === undefined ? [] : [{ ...entry, own: entry.own }]));
const known: { readonly [name: string]: readonly string[] } = recorded;

test("names, order and defaults are PyTorch's", () => {
  for (const { name, callee, isClass, own } of signed) {
    const { forward } = isClass ? (callee.prototype as { forward?: unknown }) : {};
    const [call] = signaturesOf(forward);
    const called = isClass ? own.name : snakeCase(own.name);
    const written = [`${called}(${inPython(own.text)})`, ...(call === undefined ? [] : [inPython(call.text)])];
    expect(written, name).toEqual(known[name]);
  }
});

test("every module of which PyTorch has a forward reads its call by a signature", () => {
  const modules = signed.filter(({ callee }) => callee.prototype instanceof nn.Module);
  const missing = modules.filter(
    ({ callee }) => signaturesOf((callee.prototype as torch.nn.Module).forward).length === 0,
  );
  // Containers have no forward; AveragedModel and DataParallel have that of their model.
  expect(missing.map(({ name }) => name)).toEqual([
    "nn.ModuleList",
    "nn.DataParallel",
    "nn.ParameterList",
    "optim.swaUtils.AveragedModel",
  ]);
});

const weights = () => [new nn.Parameter(torch.tensor([1.5, -2, 3]))];
let current = new optim.SGD(weights(), { lr: 0.5, momentum: 0.5 });
/** A new optimizer, to which the schedules made next belong. */
const optimizer = () => {
  current = new optim.SGD(weights(), { lr: 0.5, momentum: 0.5 });
  return current;
};

/** Values that the types of parameters do not tell, by name; "Class.name" for one class. */
const values: { readonly [name: string]: () => unknown } = {
  params: weights,
  parameters: () => {
    const p = weights();
    p[0].grad = torch.tensor([3, 4, 0], { dtype: torch.float32 });
    return p;
  },
  optimizer,
  tensor: () => torch.ones(3, 3),
  "dirac_.tensor": () => torch.ones(4, 2, 3),
  vec: () => torch.tensor([1, 2, 3], { dtype: torch.float32 }),
  "vectorToParameters.parameters": weights,
  module: () => {
    torch.manualSeed(5);
    return new nn.Linear(2, 2);
  },
  model: () => new nn.Linear(2, 2),
  "removeWeightNorm.module": () => nn.utils.weightNorm(new nn.Linear(2, 2)),
  "removeSpectralNorm.module": () => nn.utils.spectralNorm(new nn.Linear(2, 2)),
  name: () => "weight",
  "spectralNorm.eps": () => 1e-6,
  "spectralNorm.dim": () => 1,
  tensors: () => [torch.ones(2)],
  totalNorm: () => torch.tensor(2.5),
  conv: () => new nn.Conv2d(2, 2, 1).eval(),
  linear: () => new nn.Linear(2, 2).eval(),
  bn: () => new nn.BatchNorm2d(2).eval(),
  convW: () => torch.ones(2, 2, 1, 1),
  linearW: () => torch.ones(2, 2),
  convB: () => torch.ones(2),
  linearB: () => torch.ones(2),
  bnRm: () => torch.ones(2),
  bnRv: () => torch.ones(2),
  bnEps: () => 0.5,
  bnW: () => torch.ones(2),
  bnB: () => torch.ones(2),
  loader: () => [torch.ones(2, 2)],
  encoderLayer: () => new nn.TransformerEncoderLayer(4, 2, 8),
  decoderLayer: () => new nn.TransformerDecoderLayer(4, 2, 8),
  modules: () => [new nn.ReLU()],
  values: () => [torch.ones(2)],
  dataset: () => [1, 2, 3, 4],
  dataSource: () => [1, 2, 3, 4],
  datasets: () => [[1, 2], [3]],
  indices: () => [2, 0],
  lengths: () => [3, 1],
  sampler: () => [0, 2, 1],
  "DataLoader.sampler": () => null,
  "DataLoader.shuffle": () => false,
  weights: () => [1, 2, 3],
  batch: () => [1, 2, 3],
  data: () => [1, 2],
  lrLambda: () => (epoch: number) => 0.5 ** epoch,
  swaLr: () => 0.05,
  betas: () => [0.5, 0.75],
  etas: () => [0.25, 1.5],
  stepSizes: () => [1e-3, 5],
  milestones: () => [2],
  schedulers: () => [new optim.lrScheduler.StepLR(current, 1), new optim.lrScheduler.ExponentialLR(current, 0.5)],
  projSize: () => 0,
  nClasses: () => 9,
  cutoffs: () => [2, 5],
  "FractionalMaxPool2d.outputSize": () => 2,
  "FractionalMaxPool3d.outputSize": () => 2,
  "AdaptiveLogSoftmaxWithLoss.divValue": () => 1,
  dModel: () => 4,
  nhead: () => 2,
  dimFeedforward: () => 8,
  numEncoderLayers: () => 1,
  numDecoderLayers: () => 1,
  nonlinearity: () => "tanh",
  normalizedShape: () => [2, 3],
  unflattenedSize: () => [1, 4],
  generator: () => null,
  numSamples: () => 2,
  replacement: () => true,
  batchSize: () => 2,
  dropLast: () => true,
  numWorkers: () => 1,
  numLayers: () => 2,
  dropout: () => 0.25,
  "kaimingUniform_.mode": () => "fan_out",
  "kaimingNormal_.mode": () => "fan_out",
  "SGD.dampening": () => 0,
  // Nothing is printed.
  verbose: () => false,
  totalSteps: () => 10,
  T_0: () => 3,
  TMult: () => 2,
  maxEval: () => 7,
};

/** A value for a parameter that is not its default, where the type tells one. */
function valueFor({ name, parameters }: Signature, k: number): unknown {
  const parameter = parameters[k];
  const make = values[`${name}.${parameter.name}`] ?? values[parameter.name];
  if (make !== undefined) return make();
  const { declared, value } = parameter;
  if (value === null) return null;
  if (declared === "bool") return value !== true;
  const number = typeof value === "number" ? value : 0.5;
  if (declared.startsWith("float")) return number === 0 ? 0.125 : number / 4;
  if (declared.startsWith("int")) return value === undefined ? 4 : number < 0 ? value : number + 1;
  return value;
}

/** What there is to see of a value. */
function seen(value: unknown): unknown {
  if (value instanceof nn.UninitializedParameter || value instanceof nn.UninitializedBuffer) return String(value);
  if (value instanceof torch.Tensor)
    return value.grad === null ? value.tolist() : [value.tolist(), value.grad.tolist()];
  if (value instanceof nn.Module) {
    const tensors = Object.entries(value.stateDict()).map(([key, tensor]) => [key, seen(tensor)]);
    return [String(value), tensors, Object.entries(value).filter(([, own]) => typeof own === "number")];
  }
  if (typeof value === "function") return String(value);
  if (value instanceof Map) return [...value].map(([key, own]) => [seen(key), seen(own)]);
  if (Array.isArray(value)) return value.map(seen);
  if (typeof value !== "object" || value === null) return value;
  const own = Object.entries(value).filter(([name]) => name !== "optimizer");
  return [value.constructor?.name, own.map(([name, item]) => [name, seen(item)])];
}

/** Whether an argument gives names. */
function isNamed(arg: unknown): arg is object {
  return typeof arg === "object" && arg !== null && Object.getPrototypeOf(arg) === Object.prototype;
}

type Made = { value: unknown } | { error: string };

/** Calls, with what it did to its tensors, from one stream of random numbers. */
function made({ callee, isClass }: Entry, args: readonly unknown[]): Made {
  torch.manualSeed(7);
  try {
    const value = isClass ? Reflect.construct(callee, args) : Reflect.apply(callee, undefined, args);
    const given = args.flatMap((arg) => (isClass ? [] : isNamed(arg) ? Object.values(arg) : [arg])).flat();
    return { value: seen([value, given.filter((arg) => arg instanceof torch.Tensor)]) };
  } catch (error) {
    if (!(error instanceof torch.CressetError)) throw error;
    return { error: error.message };
  }
}

function errorOf(entry: Entry, args: readonly unknown[]): string {
  const found = made(entry, args);
  return "error" in found ? found.error : "nothing";
}

describe("arguments", () => {
  for (const entry of signed) {
    const { own, isClass, name } = entry;
    const called = isClass ? `${own.name}.__init__()` : `${snakeCase(own.name)}()`;
    const { parameters, positional } = own;
    /** A call with the first parameters in order, the others by name. */
    const call = (count: number): unknown[] => {
      const all = parameters.map((_, k) => valueFor(own, k));
      if (count === parameters.length) return all;
      const named = parameters.map((parameter, k) => [parameter.name, all[k]] as const);
      return [...all.slice(0, count), Object.fromEntries(named.slice(count))];
    };

    test(`of ${name} are the same in order and by name`, () => {
      const expected = made(entry, call(positional));
      expect(made(entry, call(0))).toEqual(expected);
      if (positional > 0) expect(made(entry, call(1))).toEqual(expected);
      expect(expected).not.toHaveProperty("error");
    });

    test(`of ${name} are refused when they are unknown, doubled, too many or missing`, () => {
      const args = call(positional).slice(0, positional);
      expect(errorOf(entry, [...args, { nothing: 1 }])).toBe(`${called} got an unexpected keyword argument 'nothing'`);
      expect(errorOf(entry, [...args, 1, 2])).toMatch(
        / takes (from \d+ to )?\d+ positional arguments? but \d+ were given$/,
      );
      const [first] = parameters;
      if (args.length === 0) return;
      const twice = { [first.name]: args[0] };
      expect(errorOf(entry, [...args, twice])).toBe(
        `${called} got multiple values for argument '${snakeCase(first.name)}'`,
      );
      const required = parameters.filter((parameter) => parameter.required).length;
      if (required > 0) expect(errorOf(entry, [])).toMatch(/ missing \d required positional arguments?: '/);
    });
  }
});

describe("the call", () => {
  for (const { name, callee, own } of signed) {
    if (!(callee.prototype instanceof nn.Module)) continue;
    const [reads] = signaturesOf((callee.prototype as torch.nn.Module).forward);
    if (reads === undefined) continue;

    test(`of ${name} is the same in order and by name, and wrong arguments are refused`, () => {
      const args = own.parameters.slice(0, own.positional).map((_, k) => valueFor(own, k));
      const module = Reflect.construct(callee, args) as (...args: unknown[]) => unknown;
      const dims = /[13]d$/.exec(name)?.[0] === "1d" ? [8] : name.endsWith("3d") ? [4, 4, 4] : [8, 8];
      const first = reads.parameters[0];
      const inputs = reads.parameters.map(({ declared, value }) =>
        declared.startsWith("Tensor") && value === undefined ? torch.rand([2, 4, ...dims]) : value,
      );
      const run = (...given: unknown[]) => made({ name, callee: module as Callee, isClass: false, own }, given);
      // Copies, of which modules may change their own.
      const copies = () => inputs.map((input) => (input instanceof torch.Tensor ? input.clone() : input));
      const named = () => Object.fromEntries(copies().map((input, k) => [reads.parameters[k].name, input]));
      const outcome = ({ value, error }: { value?: unknown; error?: string }) =>
        error ?? (Array.isArray(value) ? value[0] : value);
      expect(outcome(run(named()))).toEqual(outcome(run(...copies())));
      expect(run(...inputs, { nothing: 1 })).toEqual({
        error: `${reads.name}() got an unexpected keyword argument 'nothing'`,
      });
      expect(run(...inputs, { [first.name]: inputs[0] })).toEqual({
        error: `${reads.name}() got multiple values for argument '${snakeCase(first.name)}'`,
      });
      expect(outcome(run())).toMatch(/\.forward\(\) missing \d required positional arguments?: '/);
      expect(outcome(run(...inputs, 1, 2))).toMatch(/ positional arguments? but \d+ were given$/);
    });
  }
});
