// torch.nn.utils.prune: masks on parameters.

import { signed } from "../arguments/signed";
import { withGradMode } from "../autograd/modes";
import { ArgumentError } from "../errors";
import { onesLike } from "../ops/create/create";
import { typeName } from "../tensor/python-text";
import type { Tensor } from "../tensor/tensor";
import { propertyOf, stateKey } from "./members";
import type { Module } from "./module";
import { parametersToVector } from "./parameters";
import {
  applyMethod,
  type BasePruningMethod,
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  PruningContainer,
  pruningHooks,
  RandomStructured,
  RandomUnstructured,
  removePruning,
} from "./pruning-methods";

export {
  BasePruningMethod,
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  PruningContainer,
  RandomStructured,
  RandomUnstructured,
} from "./pruning-methods";

type Scores = Tensor | null;

/** Prunes a parameter by a method, and gives the module back. */
function pruned(module: Module, name: string, method: BasePruningMethod, scores: Scores = null): Module {
  applyMethod(method, module, name, scores);
  return module;
}

/** Gives a parameter a mask of ones. Source: torch.nn.utils.prune.identity. */
export const identity = signed(
  "def identity(Module module, str name)",
  (module: Module, name: string): Module => pruned(module, name, new Identity()),
);

/**
 * Prunes elements of a parameter at random: `amount` of them where it is whole, else that share. The parameter is `name_orig` from
 * then on, the mask `name_mask`. Source: torch.nn.utils.prune.random_unstructured.
 */
export const randomUnstructured = signed(
  "def randomUnstructured(Module module, str name, value amount)",
  (module: Module, name: string, amount: number): Module => pruned(module, name, new RandomUnstructured(amount)),
);

/**
 * Prunes the elements of a parameter of the smallest size, or of the smallest `importanceScores`; see randomUnstructured. Source:
 * torch.nn.utils.prune.l1_unstructured.
 */
export const l1Unstructured = signed(
  "def l1Unstructured(Module module, str name, value amount, Tensor? importanceScores=None)",
  (module: Module, name: string, amount: number, importanceScores?: Scores): Module =>
    pruned(module, name, new L1Unstructured(amount), importanceScores ?? null),
);

/** Prunes channels of a parameter along `dim` at random; see randomUnstructured. Source: torch.nn.utils.prune.random_structured. */
export const randomStructured = signed(
  "def randomStructured(Module module, str name, value amount, int dim)",
  (module: Module, name: string, amount: number, dim: number): Module =>
    pruned(module, name, new RandomStructured(amount, dim)),
);

/** Prunes the channels of a parameter along `dim` of the smallest `n`-norms; see randomUnstructured. Source: torch.nn.utils.prune.ln_structured. */
export const lnStructured = signed(
  "def lnStructured(Module module, str name, value amount, float|str n, int dim, Tensor? importanceScores=None)",
  (
    module: Module,
    name: string,
    amount: number,
    n: number | "fro" | "nuc",
    dim: number,
    importanceScores?: Scores,
  ): Module => pruned(module, name, new LnStructured(amount, n, dim), importanceScores ?? null),
);

/** Prunes what a mask has zeros for. Source: torch.nn.utils.prune.custom_from_mask. */
export const customFromMask = signed(
  "def customFromMask(Module module, str name, Tensor mask)",
  (module: Module, name: string, mask: Tensor): Module => pruned(module, name, new CustomFromMask(mask)),
);

/** A module and the name of its parameter. */
type Place = readonly [module: Module, name: string];

/**
 * Prunes several parameters by one method of single elements, which sees them as one vector and is made with `amount`.
 * `importanceScores`, pairs of a place and its scores, replace the values of some. Throws ArgumentError for another kind of method.
 * Source: torch.nn.utils.prune.global_unstructured.
 */
export function globalUnstructured(
  parameters: Iterable<Place>,
  pruningMethod: new (amount: number) => BasePruningMethod,
  options: { amount: number; importanceScores?: Iterable<readonly [Place, Tensor]> | null },
): void {
  if (typeof parameters?.[Symbol.iterator] !== "function") {
    throw new ArgumentError("global_unstructured(): parameters is not an Iterable");
  }
  const places = [...parameters];
  const method = new pruningMethod(options.amount);
  if (method.PRUNING_TYPE !== "unstructured") {
    throw new ArgumentError(
      `Only "unstructured" PRUNING_TYPE supported for the \`pruning_method\`. Found method ${pruningMethod.name} of type ${method.PRUNING_TYPE}`,
    );
  }
  const scores = [...(options.importanceScores ?? [])];
  const parameterAt = ([module, name]: Place): Tensor => Reflect.get(module, propertyOf(module, name));
  const mask = withGradMode(false, () => {
    const found = places.map((place) => {
      const given = scores.find(([[module, name]]) => module === place[0] && name === place[1]);
      return given === undefined ? parameterAt(place) : given[1];
    });
    const masks = places.map((place) => {
      const [module, name] = place;
      const key = module[stateKey](propertyOf(module, name));
      return (Reflect.get(module, `${key}_mask`) as Tensor | undefined) ?? onesLike(parameterAt(place));
    });
    return new PruningContainer(method).computeMask(parametersToVector(found), parametersToVector(masks));
  });
  let at = 0;
  for (const place of places) {
    const value = parameterAt(place);
    const count = value.numel();
    pruned(place[0], place[1], new CustomFromMask(mask.narrow(0, at, count).reshape([...value.sizes])));
    at += count;
  }
}

/** Makes a parameter's pruning permanent. Throws ArgumentError for one that is not pruned. Source: torch.nn.utils.prune.remove. */
export const remove = signed("def remove(Module module, str name)", (module: Module, name: string): Module => {
  removePruning(module, name);
  return module;
});

/** Whether a parameter of a module, or of one below it, is pruned. Source: torch.nn.utils.prune.is_pruned. */
export const isPruned = signed("def isPruned(Module module)", (module: Module): boolean => {
  if (typeof module?.modules !== "function") throw new ArgumentError(`expected a Module, not ${typeName(module)}`);
  return module.modules().some((part) => pruningHooks(part).length > 0);
});
