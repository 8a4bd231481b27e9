// Pruning methods: which elements of a tensor a mask leaves out, and how a module computes the masked tensor before every call.

import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError, IndexError } from "../errors";
import { onesLike, tensor, zerosLike } from "../ops/create/create";
import { kthvalue, topk } from "../ops/index/sort";
import { rand, randLike } from "../ops/random/random";
import { int64 } from "../tensor/dtype";
import { type PythonValue, pythonText, typeName } from "../tensor/python-text";
import { sameShape } from "../tensor/shape";
import type { Parameter, Tensor } from "../tensor/tensor";
import { addHook, hooksOf } from "./hooks";
import type { AnyHook } from "./members";
import { propertyOf, releaseMember, stateKey } from "./members";
import type { Module } from "./module";

/** What a method sees of a tensor that was pruned already: the elements that are left, the channels that are, or all of it. */
export type PruningType = "unstructured" | "structured" | "global";

/** The methods behind hooks; copies of a module share them. */
const methods = new WeakMap<AnyHook, BasePruningMethod>();

/** The hooks of a module that prune, or prune one property. */
export function pruningHooks(module: Module, property: string | null = null): [AnyHook, BasePruningMethod][] {
  return hooksOf(module).before.flatMap((hook): [AnyHook, BasePruningMethod][] => {
    const method = methods.get(hook);
    return method !== undefined && (property === null || method.tensorName === property) ? [[hook, method]] : [];
  });
}

function takeHook(module: Module, hook: AnyHook): void {
  const { before } = hooksOf(module);
  before.splice(before.indexOf(hook), 1);
}

/** The names of the original tensor and the mask of a property. */
function namesOf(module: Module, property: string): [original: string, mask: string] {
  const key = module[stateKey](property);
  return [`${key}_orig`, `${key}_mask`];
}

/**
 * Base of pruning methods. A subclass has a `PRUNING_TYPE` and a `computeMask`; `Method.apply(module, name, …)` prunes with it, the
 * further arguments being those of its constructor. Source: torch.nn.utils.prune.BasePruningMethod.
 */
export abstract class BasePruningMethod {
  abstract readonly PRUNING_TYPE: PruningType;
  /** @internal The property that is pruned. */
  tensorName: string | null = null;

  /** The mask, of ones and zeros, for a tensor of importance, from the mask so far. */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** The masked tensor of a module. */
  applyMask(module: Module): Tensor {
    if (this.tensorName === null) throw new CressetError(`Module ${module} has to be pruned`);
    const [original, mask]: Tensor[] = namesOf(module, this.tensorName).map((name) => Reflect.get(module, name));
    return mask.to(original.dtype).mul(original);
  }

  /** A tensor times the mask that the method computes for it, or for `importanceScores`, from `defaultMask` (ones). */
  prune(t: Tensor, defaultMask: Tensor | null = null, importanceScores: Tensor | null = null): Tensor {
    if (importanceScores !== null && !sameShape(importanceScores.sizes, t.sizes)) {
      throw new CressetError("importance_scores should have the same shape as tensor t");
    }
    return t.mul(this.computeMask(importanceScores ?? t, defaultMask ?? onesLike(t)));
  }

  /** Makes what is pruned permanent: the parameter has its masked value, and mask and original are gone. */
  remove(module: Module): void {
    const property = this.tensorName as string;
    const value = withGradMode(false, () => this.applyMask(module));
    const [original, mask] = namesOf(module, property);
    const parameter: Parameter = Reflect.get(module, original);
    parameter.data = value.detach();
    for (const name of [property, original, mask]) releaseMember(module, name);
    module.registerParameter(property, parameter);
  }

  /** Prunes a module's parameter by a method of this class; further arguments are its constructor's. */
  static apply(
    this: new (
      ...args: never[]
    ) => BasePruningMethod,
    module: Module,
    name: string,
    ...args: readonly unknown[]
  ): BasePruningMethod {
    return applyMethod(Reflect.construct(this, args), module, name);
  }
}

/** Prunes a module's parameter by a method, on top of what was pruned before. */
export function applyMethod(
  added: BasePruningMethod,
  module: Module,
  name: string,
  importanceScores: Tensor | null = null,
): BasePruningMethod {
  const property = propertyOf(module, name);
  const [originalName, maskName] = namesOf(module, property);
  const original: Tensor = Reflect.get(module, property);
  if (importanceScores !== null && !sameShape(importanceScores.sizes, original.sizes)) {
    throw new CressetError(`importance_scores should have the same shape as parameter ${name} of ${module}`);
  }
  added.tensorName = property;
  let method = added;
  const [known] = pruningHooks(module, property);
  if (known !== undefined) {
    const container = known[1] instanceof PruningContainer ? known[1] : new PruningContainer(known[1]);
    container.addPruningMethod(added);
    method = container;
  }
  const before: Tensor | null = known === undefined ? null : Reflect.get(module, maskName).detach().clone();
  const mask = withGradMode(false, () =>
    method.computeMask((importanceScores ?? original).detach(), before ?? onesLike(original.detach())),
  );
  if (known === undefined) {
    releaseMember(module, property);
    module.registerParameter(originalName, original as Parameter);
  } else takeHook(module, known[0]);
  module.registerBuffer(maskName, mask);
  Reflect.set(module, property, method.applyMask(module));
  const hook: AnyHook = (owner: Module) => {
    Reflect.set(owner, property, method.applyMask(owner));
  };
  methods.set(hook, method);
  addHook(hooksOf(module).before, hook);
  return method;
}

/** Makes a parameter's pruning permanent. Throws ArgumentError for one that is not pruned. */
export function removePruning(module: Module, name: string): void {
  const [found] = pruningHooks(module, propertyOf(module, name));
  if (found === undefined) {
    throw new ArgumentError(`Parameter '${name}' of module ${module} has to be pruned before pruning can be removed`);
  }
  found[1].remove(module);
  takeHook(module, found[0]);
}

/** Methods that prune one tensor one after another: each new one sees what the others left. Source: torch.nn.utils.prune.PruningContainer. */
export class PruningContainer extends BasePruningMethod {
  readonly PRUNING_TYPE = "global";
  private readonly list: BasePruningMethod[] = [];

  constructor(...added: BasePruningMethod[]) {
    super();
    if (added.length === 1) this.tensorName = added[0].tensorName;
    for (const method of added) this.addPruningMethod(method);
  }

  /** Adds a method. Throws ArgumentError for what is none, or prunes another tensor. */
  addPruningMethod(method: BasePruningMethod): void {
    if (!(method instanceof BasePruningMethod)) {
      throw new ArgumentError(`<class '${typeName(method)}'> is not a BasePruningMethod subclass`);
    }
    if (this.tensorName !== method.tensorName) {
      throw new ArgumentError(
        `Can only add pruning methods acting on the parameter named '${this.tensorName}' to PruningContainer. Found '${method.tensorName}'`,
      );
    }
    this.list.push(method);
  }

  /** How many methods there are. */
  get length(): number {
    return this.list.length;
  }

  [Symbol.iterator](): IterableIterator<BasePruningMethod> {
    return this.list.values();
  }

  /** The mask so far, with what the last method takes from it. */
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const method = this.list[this.list.length - 1];
    const mask = defaultMask.to(t.dtype);
    if (method.PRUNING_TYPE === "global") return method.computeMask(t, defaultMask).to(t.dtype);
    if (method.PRUNING_TYPE === "unstructured") {
      const left = defaultMask.eq(1);
      const found = method.computeMask(t.maskedSelect(left), defaultMask.maskedSelect(left));
      return mask.maskedScatter(left, found.to(t.dtype));
    }
    const given: unknown = Reflect.get(method, "dim");
    if (typeof given !== "number") {
      throw new CressetError('Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.');
    }
    const dim = given < 0 ? t.ndim + given : given;
    if (dim < 0) throw new IndexError(`Index is out of bounds for tensor with dimensions ${t.ndim}`);
    const others = t.sizes.map((_, d) => d).filter((d) => d !== dim);
    const left = defaultMask.sum(others).ne(0).nonzero().squeeze(1);
    const found = method.computeMask(t.indexSelect(dim, left), defaultMask.indexSelect(dim, left));
    return mask.indexCopy(dim, left, found.to(t.dtype));
  }
}

/** Throws ArgumentError for an amount that is neither a share nor a count. */
function requireAmount(amount: number): void {
  if (typeof amount !== "number") {
    throw new ArgumentError(`Invalid type for amount: ${pythonText(amount as PythonValue)}. Must be int or float.`);
  }
  if (amount >= 0 && (Number.isInteger(amount) || amount <= 1)) return;
  throw new ArgumentError(`amount=${amount} should either be a float in the range [0, 1] or a non-negative integer`);
}

/** The nearest whole number, an even one of two that are as near. */
function rounded(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** How many of `size` an amount prunes: a whole number counts, another is a share. Throws ArgumentError for more than there are. */
function countOf(amount: number, size: number): number {
  const count = Number.isInteger(amount) ? amount : rounded(amount * size);
  if (count <= size) return count;
  throw new ArgumentError(`amount=${count} should be smaller than the number of parameters to prune=${size}`);
}

/** A mask without the elements at flat positions. */
function without(mask: Tensor, positions: Tensor): Tensor {
  return mask
    .reshape([-1])
    .indexFill(0, positions, 0)
    .reshape([...mask.sizes]);
}

/** Prunes nothing; gives a mask of ones. Source: torch.nn.utils.prune.Identity. */
export class Identity extends BasePruningMethod {
  readonly PRUNING_TYPE = "unstructured";

  computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
}

/** What methods of single elements share: how many they prune. */
abstract class Unstructured extends BasePruningMethod {
  readonly PRUNING_TYPE = "unstructured";

  constructor(readonly amount: number) {
    super();
    requireAmount(amount);
  }

  /** The flat positions of `count` elements that go. */
  protected abstract pruned(t: Tensor, count: number): Tensor;

  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    return count === 0 ? defaultMask.clone() : without(defaultMask, this.pruned(t, count));
  }
}

/** Prunes elements at random: a whole `amount` of them, or a share below 1. Source: torch.nn.utils.prune.RandomUnstructured. */
export class RandomUnstructured extends Unstructured {
  protected pruned(t: Tensor, count: number): Tensor {
    return topk(randLike(t).reshape([-1]), count).indices;
  }
}

/** Prunes the elements of the smallest size: a whole `amount` of them, or a share below 1. Source: torch.nn.utils.prune.L1Unstructured. */
export class L1Unstructured extends Unstructured {
  protected pruned(t: Tensor, count: number): Tensor {
    return topk(t.abs().reshape([-1]), count, -1, false).indices;
  }
}

/** What methods of whole channels share: the dimension of the channels, and the mask of those that stay. */
abstract class Structured extends BasePruningMethod {
  readonly PRUNING_TYPE = "structured";

  constructor(
    readonly amount: number,
    readonly dim = -1,
  ) {
    super();
    requireAmount(amount);
  }

  /** The positions of the channels that stay. */
  protected abstract kept(t: Tensor, size: number, count: number): Tensor;

  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const { dim } = this;
    if (t.ndim <= 1) {
      throw new ArgumentError(
        `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape ${t.shape} with ${t.ndim} dims`,
      );
    }
    if (dim >= t.ndim) throw new IndexError(`Invalid index ${dim} for tensor of size ${t.shape}`);
    const size = t.size(dim);
    const count = countOf(this.amount, size);
    const kept = this.kept(t, size, count);
    return count === 0 ? defaultMask : zerosLike(t).indexFill(dim, kept, 1).mul(defaultMask.to(t.dtype));
  }
}

/** Prunes channels along `dim` (the last) at random. Source: torch.nn.utils.prune.RandomStructured. */
export class RandomStructured extends Structured {
  protected kept(_t: Tensor, size: number, count: number): Tensor {
    if (count === 0) return tensor([], { dtype: int64 });
    const drawn = rand([size]);
    return drawn.gt(kthvalue(drawn, count).values).nonzero().squeeze(1);
  }
}

/** Prunes the channels along `dim` (the last) of the smallest n-norms. Source: torch.nn.utils.prune.LnStructured. */
export class LnStructured extends Structured {
  constructor(
    amount: number,
    readonly n: number | "fro" | "nuc",
    dim = -1,
  ) {
    super(amount, dim);
  }

  protected kept(t: Tensor, size: number, count: number): Tensor {
    const dim = this.dim < 0 ? this.dim + t.ndim : this.dim;
    const others = t.sizes.map((_, d) => d).filter((d) => d !== dim);
    return topk(t.norm(this.n, others), size - count).indices;
  }
}

/** Prunes what a mask has zeros for. Source: torch.nn.utils.prune.CustomFromMask. */
export class CustomFromMask extends BasePruningMethod {
  readonly PRUNING_TYPE = "global";

  constructor(readonly mask: Tensor) {
    super();
  }

  computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    if (!sameShape(defaultMask.sizes, this.mask.sizes)) {
      throw new CressetError(`the mask must have the tensor's shape, ${defaultMask.shape}, not ${this.mask.shape}`);
    }
    return defaultMask.mul(this.mask.to(defaultMask.dtype));
  }
}
