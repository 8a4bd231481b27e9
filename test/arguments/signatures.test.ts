// Every public function and method with parameters reads them by a signature: by position and by name they are the same call, and
// wrong calls are refused in PyTorch's words. The arguments are those of the random calls.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import { Maker } from "../fuzz/calls-arguments";
import type { Entry } from "../fuzz/calls-rows";
import { type Call, runHere } from "../fuzz/calls-run";
import { entries } from "../fuzz/calls-table";
import { Random } from "../fuzz/random";

// The library as compiled, of which there is one copy.
const compiled = createRequire(resolve(__dirname, "../../dist/core/index.js"));
const { signaturesOf } = compiled("./arguments/signed.js") as typeof import("../../core/arguments/signed");

/** Functions without a signature, by the reason. */
const without: { readonly [reason: string]: string } = {
  "no parameters":
    "torch.getRngState torch.initialSeed torch.seed torch.getNumThreads torch.getDefaultDtype torch.isGradEnabled torch.isAnomalyEnabled torch.clearAutocastCache torch.getAutocastCpuDtype torch.getAutocastGpuDtype torch.isAutocastCacheEnabled torch.isAutocastCpuEnabled torch.isAutocastEnabled data.getWorkerInfo method.item method.tolist method.toJSON method.numel method.toString",
  "any number of tensors, or of shapes":
    "torch.cartesianProd torch.chainMatmul torch.blockDiag torch.atleast1d torch.atleast2d torch.atleast3d torch.broadcastTensors torch.broadcastShapes torch.meshgrid torch.einsum",
  "the brackets of Python": "method.at method.setAt",
  "what JavaScript's numbers do": "method.toFixed",
  "settings and functions of the library, not of PyTorch's tensors":
    "torch.autocast torch.enableGrad torch.inferenceMode torch.noGrad torch.plot torch.show torch.tqdm torch.trange torch.deepcopy torch.manualSeed torch.seedEverything torch.setRngState torch.device torch.setDefaultDtype torch.finfo torch.iinfo torch.setNumThreads torch.save torch.load",
  "inside the library": "method.become method.state method.alias method.raw method.elements method.elementAt",
  "the arguments of a class": "utils.skipInit",
  "left out, whatever the arguments":
    "torch.complex torch.polar torch.imag torch.viewAsComplex torch.viewAsReal torch.stft torch.istft torch.sparseCooTensor torch.sparseCsrTensor torch.sparseCscTensor torch.sparseBsrTensor torch.sparseBscTensor torch.sparseCompressedTensor torch.quantizePerTensor torch.quantizePerChannel torch.dequantize torch.fakeQuantizePerTensorAffine torch.fakeQuantizePerChannelAffine torch.alignTensors method.imag method.stft method.istft method.cfloat method.cdouble method.toSparse method.toSparseCsr method.coalesce method.sparseMask method.dequantize method.rename method.rename_ method.refineNames method.alignTo method.alignAs",
  constructors:
    "torch.BFloat16Tensor torch.BoolTensor torch.ByteTensor torch.CharTensor torch.DoubleTensor torch.FloatTensor torch.HalfTensor torch.IntTensor torch.LongTensor torch.ShortTensor",
};

function functionsOf(space: string, holder: object): [name: string, f: unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(([name, { value, get }]) => {
    const found: unknown = value ?? (space === "method" ? undefined : get?.call(holder));
    const isClass = typeof found === "function" && /^class\b/.test(Function.prototype.toString.call(found));
    return typeof found === "function" && !isClass && name !== "constructor" ? [[`${space}.${name}`, found]] : [];
  });
}

test("every public function with parameters has a signature", () => {
  const all = [
    ...functionsOf("torch", torch),
    ...functionsOf("functional", torch.nn.functional),
    ...functionsOf("method", torch.Tensor.prototype),
    ...functionsOf("autograd", torch.autograd),
    ...functionsOf("init", torch.nn.init),
    ...functionsOf("utils", torch.nn.utils),
    ...functionsOf("data", torch.utils.data),
    ...functionsOf("vision", torch.vision.utils),
  ];
  const missing = all.filter(([, f]) => signaturesOf(f).length === 0).map(([name]) => name);
  const known = Object.values(without).flatMap((names) => names.split(" "));
  expect(missing.filter((name) => !known.includes(name))).toEqual([]);
  expect(known.filter((name) => !missing.includes(name))).toEqual([]);
});

const holders = {
  torch,
  functional: torch.nn.functional,
  linalg: torch.linalg,
  special: torch.special,
  method: torch.Tensor.prototype,
};

/** The entries of functions with signatures, each once. */
const signed = entries.filter(
  ({ space, name }, k) =>
    signaturesOf(Reflect.get(holders[space], name)).length > 0 &&
    entries.findIndex((other) => other.space === space && other.name === name) === k,
);

/** A call of an entry, all by position or all by name. */
function callOf({ space, name, make }: Entry, seed: number, byName: boolean): Call {
  const g = new Maker(new Random(seed));
  const args = make(g);
  // A method's tensor stands before the dot.
  const positional = byName ? (space === "method" ? 1 : 0) : args.length;
  return { space, name, tensors: g.tensors, args, positional };
}

/** What is thrown for a call that gets something wrong. */
function refusalOf(entry: Entry, spoil: (call: Call) => void): string {
  const call = callOf(entry, 3, false);
  spoil(call);
  return runHere(call).error ?? "nothing";
}

describe("arguments", () => {
  for (const entry of signed) {
    test(`of ${entry.space}.${entry.name} are the same by position and by name, and wrong ones are refused`, () => {
      for (let seed = 0; seed < 3; seed++) {
        const byPosition = runHere(callOf(entry, seed, false));
        const byName = runHere(callOf(entry, seed, true));
        // Errors name a position where there is one.
        const words = byPosition.error?.replace(/ \(position \d+\)/, "");
        expect({ ...byName, error: byName.error?.replace(/ \(position \d+\)/, "") }).toEqual({
          ...byPosition,
          error: words,
        });
      }
      expect(refusalOf(entry, ({ args }) => args.push(["nothing", 1, "keyword"]))).toMatch(
        /^ArgumentError: .*(got an unexpected keyword argument 'nothing'|received an invalid combination .*nothing=int)/,
      );
    });
  }
});
