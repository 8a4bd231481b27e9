// torch.nn.utils.parametrize: parameters that are functions of other parameters, computed whenever they are read.

import { signed } from "../arguments/signed";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { Scoped } from "../scoped";
import { typeName } from "../tensor/python-text";
import { sameShape } from "../tensor/shape";
import { Parameter, Tensor } from "../tensor/tensor";
import { ModuleDict, ModuleList } from "./containers";
import { internals, propertyOf, releaseMember, stateKey } from "./members";
import type { Module } from "./module";

/** What a parametrization's `rightInverse` throws when there is none for its settings: the identity is taken. */
export class NotImplemented extends CressetError {}

/** A module that computes a tensor, and may say from which tensors it would compute a given one. */
type Inverse = { rightInverse(value: Tensor): Tensor | readonly Tensor[] };

const hasInverse = (module: object): module is Inverse =>
  "rightInverse" in module && typeof module.rightInverse === "function";

/** What `rightInverse` gives, or what it was given where there is none. */
function inverted(module: Module, value: Tensor): Tensor | readonly Tensor[] {
  if (!hasInverse(module)) return value;
  try {
    return module.rightInverse(value);
  } catch (error) {
    if (error instanceof NotImplemented) return value;
    throw error;
  }
}

function registerTensor(module: Module, name: string, tensor: Tensor): void {
  if (tensor instanceof Parameter) module.registerParameter(name, tensor);
  else module.registerBuffer(name, tensor);
}

const typeOf = (value: unknown): string => (value instanceof Tensor ? "Tensor" : typeName(value));

/** Throws ArgumentError unless what a parametrization gives is like the tensor that it stands for. */
function requireAlike(
  found: unknown,
  like: Tensor,
  words: (what: string) => [own: string, result: string],
  the: string,
) {
  if (!(found instanceof Tensor)) {
    throw new ArgumentError(`A parametrization must return a tensor. Got ${typeOf(found)}.`);
  }
  const refuse = (what: "dtype" | "shape", a: unknown, b: unknown): never => {
    const [own, result] = words(what);
    throw new ArgumentError(
      `Registering a parametrization may not change the ${what} of the tensor, unless ${the}\`unsafe\` flag is enabled.\n${own}: ${a}\n${result}: ${b}`,
    );
  };
  if (found.dtype !== like.dtype) refuse("dtype", like.dtype, found.dtype);
  if (!sameShape(found.sizes, like.sizes)) refuse("shape", like.shape, found.shape);
}

/**
 * The parametrizations of one tensor, in the order of their registration, and what it is computed from: `original`, or `original0`,
 * `original1`, … where the first parametrization takes several tensors. Source: torch.nn.utils.parametrize.ParametrizationList.
 */
export class ParametrizationList extends ModuleList {
  /** Whether there is one original tensor. */
  readonly isTensor: boolean;
  /** How many original tensors there are. */
  readonly ntensors: number;
  declare original: Tensor;

  constructor(
    modules: readonly Module[],
    original: Tensor,
    /** Whether dtype and shape may change. */
    public unsafe = false,
  ) {
    if (modules.length === 0) throw new ArgumentError("ParametrizationList requires one or more modules.");
    super(modules);
    const like = original.detach();
    const inverse = withGradMode(false, () =>
      [...modules]
        .reverse()
        .reduce<Tensor | readonly Tensor[]>((value, module) => inverted(module, value as Tensor), original),
    );
    this.isTensor = inverse instanceof Tensor;
    if (inverse instanceof Tensor) {
      if (inverse.dtype !== original.dtype) {
        throw new ArgumentError(
          `When \`right_inverse\` outputs one tensor, it may not change the dtype.\noriginal.dtype: ${original.dtype}\nright_inverse(original).dtype: ${inverse.dtype}`,
        );
      }
      // The optimizer that has the parameter keeps it.
      if (inverse !== original) original.data = inverse.detach();
      registerTensor(this, "original", original);
    } else {
      if (!Array.isArray(inverse)) {
        throw new ArgumentError(
          `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got ${typeOf(inverse)}`,
        );
      }
      inverse.forEach((part: unknown, k) => {
        if (!(part instanceof Tensor)) {
          throw new ArgumentError(
            `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element ${k} of the sequence with type ${typeOf(part)}.`,
          );
        }
        const own = original instanceof Parameter ? new Parameter(part.detach(), original.requiresGrad) : part;
        registerTensor(this, `original${k}`, own);
      });
    }
    this.ntensors = inverse instanceof Tensor ? 1 : inverse.length;
    if (!unsafe) {
      requireAlike(this.forward(), like, (what) => [`unparametrized ${what}`, `parametrized ${what}`], "");
    }
  }

  /** The tensors that the first parametrization takes. */
  get originals(): Tensor[] {
    const names = this.isTensor ? ["original"] : Array.from({ length: this.ntensors }, (_, k) => `original${k}`);
    return names.map((name) => Reflect.get(this, name) as Tensor);
  }

  /** Makes the tensor have a value, by the inverses of all parametrizations. Throws CressetError where one has none. */
  rightInverse(given: Tensor): void {
    withGradMode(false, () => {
      let value: unknown = given;
      for (const module of [...this].reverse()) {
        if (!hasInverse(module)) {
          throw new CressetError(`parametrization ${module.constructor.name} does not implement right_inverse.`);
        }
        value = module.rightInverse(value as Tensor);
      }
      const { originals } = this;
      if (this.isTensor && !(value instanceof Tensor)) {
        throw new ArgumentError(`\`right_inverse\` should return a tensor. Got ${typeOf(value)}`);
      }
      const parts: unknown = this.isTensor ? [value] : value;
      if (!Array.isArray(parts)) {
        throw new ArgumentError(`'right_inverse' must return a sequence of tensors. Got ${typeOf(parts)}.`);
      }
      if (parts.length !== originals.length) {
        throw new ArgumentError(
          `'right_inverse' must return a sequence of tensors of length ${originals.length}. Got a sequence of lenght ${parts.length}.`,
        );
      }
      originals.forEach((own, k) => {
        const part: unknown = parts[k];
        if (!(part instanceof Tensor)) {
          throw new ArgumentError(
            `\`right_inverse\` must return a sequence of tensors. Got element ${k} of type ${typeOf(part)}`,
          );
        }
        if (part.dtype !== own.dtype) {
          throw new ArgumentError(
            this.isTensor
              ? `The tensor returned by \`right_inverse\` has dtype ${part.dtype} while \`original\` has dtype ${own.dtype}`
              : `Tensor ${k} returned by \`right_inverse\` has dtype ${part.dtype} while \`original${k}\` has dtype ${own.dtype}`,
          );
        }
        if (part !== own) own.data = part.detach();
      });
    });
  }

  /** The tensor's present value. */
  override forward(): Tensor {
    const [first, ...rest] = this as Iterable<Module>;
    return rest.reduce<Tensor>((value, module) => module(value), first(...this.originals));
  }
}

/** Values computed inside `cached`, by list. */
const cache = new Scoped<Map<ParametrizationList, Tensor> | null>(null);

/**
 * Runs a function, inside which each parametrized tensor is computed once, however often it is read. Source:
 * torch.nn.utils.parametrize.cached.
 */
export const cached = signed(
  "def cached(function body)",
  <T>(body: () => T): T => (cache.value === null ? cache.during(new Map(), body) : body()),
) as unknown as <T>(body: () => T) => T;

function computed(list: ParametrizationList): Tensor {
  const known = cache.value;
  if (known === null) return list();
  let value = known.get(list);
  if (value === undefined) {
    value = list();
    known.set(list, value);
  }
  return value as Tensor;
}

/** The parametrizations of a module by the names of their tensors, or null. */
function dictOf(module: Module): ModuleDict | null {
  const found: unknown = Reflect.get(module, "parametrizations");
  return found instanceof ModuleDict ? found : null;
}

function listOf(module: Module, key: string): ParametrizationList | undefined {
  const dict = dictOf(module);
  return dict?.has(key) ? (dict.get(key) as ParametrizationList) : undefined;
}

/** Of prototypes that compute parametrized tensors, those that they stand for. */
const injectedBases = new WeakMap<object, object>();

function baseOf(module: Module): object {
  const prototype: object = Object.getPrototypeOf(module);
  return injectedBases.get(prototype) ?? prototype;
}

/** Gives a module the class that computes its parametrized tensors, or its own class back when there are none. */
function inject(module: Module, properties: readonly string[]): void {
  const base = baseOf(module);
  if (properties.length === 0) {
    Object.setPrototypeOf(module, base);
    return;
  }
  const name = `Parametrized${(base as { constructor: { name: string } }).constructor.name}`;
  const made = { [name]: class extends (base.constructor as typeof Module) {} }[name].prototype;
  for (const property of properties) {
    Object.defineProperty(made, property, {
      configurable: true,
      get(this: Module): Tensor {
        return computed(listOf(this, this[stateKey](property)) as ParametrizationList);
      },
      set(this: Module, value: Tensor) {
        listOf(this, this[stateKey](property))?.rightInverse(value);
      },
    });
  }
  injectedBases.set(made, base);
  Object.setPrototypeOf(module, made);
}

/** The parametrized properties of a module. */
function injectedProperties(module: Module): string[] {
  const prototype: object = Object.getPrototypeOf(module);
  if (!injectedBases.has(prototype)) return [];
  return Object.keys(Object.getOwnPropertyDescriptors(prototype)).filter((name) => name !== "constructor");
}

/** The property of a tensor, parametrized or not. */
function propertyNamed(module: Module, name: string): string {
  return (
    injectedProperties(module).find((own) => own === name || module[stateKey](own) === name) ?? propertyOf(module, name)
  );
}

interface UnsafeOption {
  unsafe?: boolean;
}

/** The parametrized tensor, its property and its key. */
interface Place {
  module: Module;
  property: string;
  key: string;
}

/**
 * Lets a module's tensor be `parametrization(tensor)` wherever it is read. What it is computed from is
 * `module.parametrizations.get(name).original`, which optimizers train. A parametrization may have a method `rightInverse`, by which
 * the tensor can be assigned. Several compose. Option: `unsafe` (false) lets dtype and shape change. Throws ArgumentError in PyTorch's
 * words for a name that the module does not have, and for results unlike the tensor. Source:
 * torch.nn.utils.parametrize.register_parametrization.
 */
export const registerParametrization = signed(
  "def registerParametrization(Module module, str tensorName, Module parametrization, *, bool unsafe=False)",
  (module: Module, tensorName: string, parametrization: Module, unsafe?: boolean): Module => {
    const property = propertyNamed(module, tensorName);
    const place = { module, property, key: module[stateKey](property) };
    parametrization.train(module.training);
    const list = listOf(module, place.key);
    if (list !== undefined) compose(list, place, parametrization, unsafe ?? false);
    else begin(place, parametrization, tensorName, unsafe ?? false);
    return module;
  },
) as unknown as <M extends Module>(module: M, tensorName: string, parametrization: Module, options?: UnsafeOption) => M;

/** Adds a parametrization to others. */
function compose(list: ParametrizationList, { module, property, key }: Place, added: Module, unsafe: boolean): void {
  if (!unsafe) {
    const before: Tensor = Reflect.get(module, property);
    const after: unknown = added(before);
    requireAlike(after, before, (what) => [`module.${key}.${what}`, `parametrization(module.${key}).${what}`], "the ");
    const back: unknown = inverted(added, after as Tensor);
    if (!(back instanceof Tensor)) {
      throw new ArgumentError(`parametrization.right_inverse must return a tensor. Got: ${typeOf(back)}`);
    }
    for (const what of ["dtype", "shape"] as const) {
      if (String(back[what]) === String(before[what])) continue;
      throw new ArgumentError(
        `The tensor returned by parametrization.right_inverse must have the same ${what} as module.${key}, unless the \`unsafe\` flag is enabled.\nmodule.${key}.${what}: ${before[what]}\nreturned ${what}: ${back[what]}`,
      );
    }
  }
  list.append(added);
  list.unsafe ||= unsafe;
}

/** Parametrizes a tensor for the first time. */
function begin({ module, property, key }: Place, first: Module, name: string, unsafe: boolean): void {
  const original: unknown = Reflect.get(module, property);
  const isMember = original instanceof Parameter || module[internals].buffers.has(property);
  if (!Object.hasOwn(module, property) || !isMember || !(original instanceof Tensor)) {
    throw new ArgumentError(
      `Module '${module}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
    );
  }
  const list = new ParametrizationList([first], original, unsafe);
  releaseMember(module, property);
  const dict = dictOf(module) ?? new ModuleDict();
  if (dictOf(module) === null) module.addModule("parametrizations", dict);
  inject(module, [...injectedProperties(module), property]);
  dict.update({ [key]: list });
}

/** Whether a module has parametrized tensors, or one of a name. Source: torch.nn.utils.parametrize.is_parametrized. */
export const isParametrized = signed(
  "def isParametrized(Module module, str? tensorName=None)",
  (module: Module, tensorName?: string | null): boolean => {
    if (tensorName === undefined || tensorName === null) return (dictOf(module)?.size ?? 0) > 0;
    return listOf(module, module[stateKey](propertyNamed(module, tensorName))) !== undefined;
  },
);

/**
 * Undoes the parametrizations of a tensor: it keeps its present value, or with `leaveParametrized: false` gets the value of the
 * original tensor. Throws ArgumentError for a tensor that is not parametrized, and for several originals that would have to be one.
 * Source: torch.nn.utils.parametrize.remove_parametrizations.
 */
export const removeParametrizations = signed(
  "def removeParametrizations(Module module, str tensorName, bool leaveParametrized=True)",
  (module: Module, tensorName: string, leaveParametrized?: boolean): Module => {
    const property = propertyNamed(module, tensorName);
    const key = module[stateKey](property);
    const list = listOf(module, key);
    if (list === undefined) {
      throw new ArgumentError(`Module ${module} does not have a parametrization on ${tensorName}`);
    }
    const stays = leaveParametrized ?? true;
    let tensor: Tensor = list.original;
    if (list.isTensor) {
      if (stays) tensor.data = withGradMode(false, (): Tensor => Reflect.get(module, property)).detach();
    } else {
      if (!stays) {
        throw new ArgumentError(
          "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.",
        );
      }
      const value: Tensor = Reflect.get(module, property);
      tensor = value.requiresGrad ? new Parameter(value.detach()) : value;
    }
    inject(
      module,
      injectedProperties(module).filter((own) => own !== property),
    );
    const dict = dictOf(module);
    dict?.pop(key);
    if (dict?.size === 0) releaseMember(module, "parametrizations");
    registerTensor(module, property, tensor);
    return module;
  },
) as unknown as <M extends Module>(
  module: M,
  tensorName: string,
  leaveParametrized?: boolean | { leaveParametrized?: boolean },
) => M;

/** The class of a module without its parametrizations. Source: torch.nn.utils.parametrize.type_before_parametrizations. */
export const typeBeforeParametrizations = signed(
  "def typeBeforeParametrizations(Module module)",
  (module: Module): typeof Module => baseOf(module).constructor as typeof Module,
);

/**
 * Gives `toModule` the parametrizations of `fromModule`, or those of one tensor, and what they are computed from; both modules share
 * them afterwards. Returns `toModule`. Source: torch.nn.utils.parametrize.transfer_parametrizations_and_params.
 */
export const transferParametrizationsAndParams = signed(
  "def transferParametrizationsAndParams(Module fromModule, Module toModule, str? tensorName=None)",
  (fromModule: Module, toModule: Module, tensorName?: string | null): Module => {
    const keys = tensorName === undefined || tensorName === null ? (dictOf(fromModule)?.keys() ?? []) : [tensorName];
    for (const key of keys) {
      const list = listOf(fromModule, key);
      if (list === undefined) continue;
      const property = propertyNamed(fromModule, key);
      if (!(property in toModule)) {
        toModule.registerParameter(property, new Parameter((Reflect.get(fromModule, property) as Tensor).detach()));
      }
      for (const parametrization of list) registerParametrization(toModule, property, parametrization);
      const own = listOf(toModule, key);
      const names = list.isTensor ? ["original"] : list.originals.map((_, k) => `original${k}`);
      for (const name of names) Reflect.set(own ?? {}, name, Reflect.get(list, name));
    }
    return toModule;
  },
);
