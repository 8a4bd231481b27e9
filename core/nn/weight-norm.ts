// torch.nn.utils.weight_norm and spectral_norm: the older forms, in which a hook computes the weight before every call.

import { signed } from "../arguments/signed";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { Parameter, type Tensor } from "../tensor/tensor";
import { addHook, hooksOf } from "./hooks";
import { propertyOf, releaseMember, stateKey } from "./members";
import type { Module } from "./module";
import { isUninitialized } from "./uninitialized";
import { asMatrix, normExcept, outputDim, randomUnit, refine, requireIterations, weightNormed } from "./weight-matrix";

type Kind = "weight_norm" | "spectral_norm";

/** What a hook computes: a property from members that are named after it. */
interface Norm {
  kind: Kind;
  property: string;
  /** The names of what stands in the weight's place. */
  parts: readonly string[];
  compute(module: Module, training: boolean): Tensor;
}

/** The hooks of normalisations, which copies of a module share. */
const norms = new WeakMap<object, Norm>();

const part = (module: Module, name: string): Tensor => Reflect.get(module, name);

/** The hook of a kind that computes a property, or undefined. */
function hookFor(module: Module, kind: Kind, property: string) {
  return hooksOf(module).before.find((hook) => {
    const norm = norms.get(hook);
    return norm?.kind === kind && norm.property === property;
  });
}

/** Throws for a weight that is normalised already, or has no sizes yet. */
function requirePlain(module: Module, kind: Kind, property: string, name: string): Tensor {
  if (hookFor(module, kind, property) !== undefined) {
    throw new CressetError(`Cannot register two ${kind} hooks on the same parameter ${name}`);
  }
  const label = kind === "weight_norm" ? "WeightNorm" : "SpectralNorm";
  const weight: unknown = Reflect.get(module, property);
  if (!(weight instanceof Parameter)) {
    throw new ArgumentError(`\`${label}\` cannot be applied as parameter \`${name}\` is None`);
  }
  if (isUninitialized(weight)) {
    const what = kind === "weight_norm" ? "weight" : "spectral";
    throw new ArgumentError(
      `The module passed to \`${label}\` can't have uninitialized parameters. Make sure to run the dummy forward before applying ${what} normalization`,
    );
  }
  return weight;
}

/** Lets the hook of a normalisation compute the weight before every call. */
function install(module: Module, norm: Norm): void {
  const hook = (owner: Module): void => {
    Reflect.set(owner, norm.property, norm.compute(owner, owner.training));
  };
  norms.set(hook, norm);
  addHook(hooksOf(module).before, hook);
}

/** Takes a normalisation off: the weight keeps its present value. Throws ArgumentError when there is none. */
function uninstall(module: Module, kind: Kind, name: string): void {
  const property = propertyOf(module, name);
  const hook = hookFor(module, kind, property);
  const norm = hook === undefined ? undefined : norms.get(hook);
  if (hook === undefined || norm === undefined) {
    throw new ArgumentError(`${kind} of '${name}' not found in ${module}`);
  }
  const weight = withGradMode(false, () => norm.compute(module, false));
  for (const member of [property, ...norm.parts]) releaseMember(module, member);
  module.registerParameter(property, new Parameter(weight.detach()));
  const { before } = hooksOf(module);
  before.splice(before.indexOf(hook), 1);
}

/** The type of a function that changes a module and gives it back. */
type Changes<P extends unknown[], O> = <M extends Module>(module: M, ...args: [...P] | [options: O]) => M;

/**
 * Makes a weight of two parameters: norms, `weight_g`, times directions, `weight_v`. Options: `name` ("weight"), `dim` (0): that whose
 * entries have a norm each, null for one norm of all. Throws CressetError for a weight that is normalised already. Source:
 * torch.nn.utils.weight_norm.
 */
export const weightNorm = signed(
  "def weightNorm(Module module, str name='weight', int? dim=0)",
  (module: Module, name = "weight", dim: number | null = 0): Module => {
    const property = propertyOf(module, name);
    const weight = requirePlain(module, "weight_norm", property, name);
    const over = dim ?? -1;
    const key = module[stateKey](property);
    const parts = [`${key}_g`, `${key}_v`];
    const compute = (owner: Module) => weightNormed(part(owner, parts[1]), part(owner, parts[0]), over);
    releaseMember(module, property);
    module.registerParameter(parts[0], new Parameter(normExcept(weight.detach(), over)));
    module.registerParameter(parts[1], new Parameter(weight.detach()));
    Reflect.set(module, property, compute(module));
    install(module, { kind: "weight_norm", property, parts, compute });
    return module;
  },
) as unknown as Changes<[name?: string, dim?: number | null], { name?: string; dim?: number | null }>;

/** Undoes `weightNorm`. Throws ArgumentError for a weight without it. Source: torch.nn.utils.remove_weight_norm. */
export const removeWeightNorm = signed(
  "def removeWeightNorm(Module module, str name='weight')",
  (module: Module, name = "weight"): Module => {
    uninstall(module, "weight_norm", name);
    return module;
  },
) as unknown as Changes<[name?: string], { name?: string }>;

/**
 * Divides a weight by its largest singular value, which the power method follows: `nPowerIterations` (1) before every call in
 * training. Options: `name` ("weight"), `eps` (1e-12), `dim`: that of outputs (0; 1 for transposed convolutions). Source:
 * torch.nn.utils.spectral_norm.
 */
export const spectralNorm = signed(
  "def spectralNorm(Module module, str name='weight', int nPowerIterations=1, float eps=1e-12, int? dim=None)",
  (module: Module, name = "weight", nPowerIterations = 1, eps = 1e-12, dim: number | null = null): Module => {
    const over = outputDim(module, dim);
    const property = propertyOf(module, name);
    requireIterations(nPowerIterations);
    const weight = requirePlain(module, "spectral_norm", property, name);
    const matrix = asMatrix(weight.detach(), over);
    const key = module[stateKey](property);
    const parts = [`${key}_orig`, `${key}_u`, `${key}_v`];
    const [u, v] = matrix.sizes.map((size) => randomUnit(weight, size, eps));
    releaseMember(module, property);
    module.registerParameter(parts[0], weight as Parameter);
    Reflect.set(module, property, weight.detach());
    module.registerBuffer(parts[1], u);
    module.registerBuffer(parts[2], v);
    const compute = (owner: Module, training: boolean): Tensor => {
      const [original, left, right] = parts.map((member) => part(owner, member));
      const own = asMatrix(original, over);
      for (let k = 0; training && k < nPowerIterations; k++) {
        refine(right, own.t(), left, eps);
        refine(left, own, right, eps);
      }
      // Another forward changes the vectors before the backward of this one.
      const [l, r] = training ? [left.clone(), right.clone()] : [left, right];
      return original.div(l.dot(own.mv(r)));
    };
    install(module, { kind: "spectral_norm", property, parts, compute });
    return module;
  },
) as unknown as Changes<
  [name?: string, nPowerIterations?: number, eps?: number, dim?: number | null],
  { name?: string; nPowerIterations?: number; eps?: number; dim?: number | null }
>;

/** Undoes `spectralNorm`. Throws ArgumentError for a weight without it. Source: torch.nn.utils.remove_spectral_norm. */
export const removeSpectralNorm = signed(
  "def removeSpectralNorm(Module module, str name='weight')",
  (module: Module, name = "weight"): Module => {
    uninstall(module, "spectral_norm", name);
    return module;
  },
) as unknown as Changes<[name?: string], { name?: string }>;
