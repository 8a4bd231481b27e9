// Functions with a signature: the implementation takes its parameters by position, and callers may also give any of them by
// name in a last plain object. Types of both ways of calling come from the text of the signature and from the implementation.

import { ArgumentError } from "../errors";
import { snakeCase } from "../tensor/python-text";
import { isOptions } from "./arguments";
import { type Callee, isIntList, pythonType, Signature } from "./signature";

/** Where a function keeps its signature. */
export const signature: unique symbol = Symbol("signature");

/** The pieces between a signature's parentheses. */
type Pieces<S extends string, Before extends string[] = []> = S extends `${infer A}, ${infer R}`
  ? Pieces<R, [...Before, A]>
  : S extends ""
    ? Before
    : [...Before, S];

type NameIn<Piece extends string> = Piece extends `${string} ${infer N}=${string}`
  ? N
  : Piece extends `${string} ${infer N}`
    ? N
    : never;

/** Names of parameters in order, and those that may be given by position. */
type NamesIn<P extends string[], All extends string[] = [], InOrder extends string[] | null = null> = P extends [
  infer A extends string,
  ...infer R extends string[],
]
  ? A extends "*"
    ? NamesIn<R, All, All>
    : NamesIn<R, [...All, NameIn<A>], InOrder>
  : { all: All; inOrder: InOrder extends string[] ? InOrder : All };

type Names<S extends string> = S extends `${string}(${infer B})` ? NamesIn<Pieces<B>> : { all: []; inOrder: [] };

/** The names before the list that separate numbers make, or null without such a list. */
type BeforeList<P extends string[], Before extends string[] = []> = P extends [
  infer A extends string,
  ...infer R extends string[],
]
  ? A extends `${string}... ${string}`
    ? Before
    : BeforeList<R, [...Before, A]>
  : null;

/** The first elements of the tuple `P`, as many as `N` has, with their labels. */
type First<P extends unknown[], N extends unknown[]> = Required<P>["length"] extends 0 | N["length"]
  ? P
  : P extends [...infer I, infer _]
    ? First<I, N>
    : P extends [...infer I, (infer _)?]
      ? First<I, N>
      : never;

/** The elements of `P` after as many as `N` has. */
type After<P extends unknown[], N extends unknown[]> = N extends [unknown, ...infer R]
  ? P extends [unknown?, ...infer T]
    ? After<T, R>
    : []
  : P;

/** The positions in a tuple, as text. */
type Positions<N extends unknown[]> = Exclude<keyof N, keyof unknown[]>;

/** An element of a tuple, undefined behind its end. */
type At<P extends unknown[], I> = I extends keyof P ? P[I] : undefined;

/** The elements of `P` at the positions `I` as an object with the names `N`; those that may be left out may be left out of it. */
type Named<N extends unknown[], P extends unknown[], I extends Positions<N>> = {
  [K in I as undefined extends At<P, K> ? never : N[K] & string]: At<P, K>;
} & Options<N, P, I>;

/** The elements of `P` that may be left out, as an object. */
type Options<N extends unknown[], P extends unknown[], I extends Positions<N> = Positions<N>> = {
  [K in I as undefined extends At<P, K> ? N[K] & string : never]?: At<P, K>;
};

/** One object type for an intersection of them, which also reads better in an editor. */
type Flat<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** Elements that may be left out may be replaced by an object that gives the rest. */
type OrNamed<P extends unknown[], O> = { [K in keyof P]: undefined extends P[K] ? P[K] | O : P[K] };

type InOrder<P extends unknown[], O> = keyof O extends never ? P : [...parameters: OrNamed<P, O>, options?: O];

/** Calls that give the first parameters by position and the others, of which some are required, by name. */
type ByName<N extends unknown[], P extends unknown[], R, X, K extends unknown[] = []> = P extends [
  ...K,
  unknown,
  ...infer _,
]
  ? ((...args: [...parameters: First<P, K>, options: Flat<Named<N, P, Exclude<Positions<N>, keyof K>> & X>]) => R) &
      ByName<N, P, R, X, [...K, unknown]>
  : unknown;

/** Calls with separate numbers instead of a list that comes first, where `L` is empty, and with the options `O` behind them. */
type Separate<R, O, L> = L extends []
  ? ((...numbers: number[]) => R) &
      (keyof O extends never ? unknown : (...args: [...numbers: number[], options: O]) => R)
  : unknown;

/** The elements of `P` that must be given. */
type Least<P extends unknown[], Before extends unknown[] = []> = P extends [infer A, ...infer Q]
  ? Least<Q, [...Before, A]>
  : Before;

/**
 * The ways to call. The last, with nothing but what must be given, is the same for functions that take the same: a choice among
 * them can be called.
 */
type Calls<N extends unknown[], I extends unknown[], P extends unknown[], R, X, L> = ((
  ...args: InOrder<First<P, I>, Flat<Options<N, P> & X>>
) => R) &
  ByName<N, P, R, X> &
  Separate<R, Flat<Options<N, P> & X>, L> &
  ((...required: Least<P>) => R);

/** What the type of a function with a signature was made of. */
interface Made<N, I, P, R, X, L> {
  readonly names: N;
  readonly inOrder: I;
  readonly parameters: P;
  readonly result: R;
  readonly options: X;
  readonly list: L;
}

/**
 * A function with parameters `P` of the names `N`, the first of them, `I`, also by position, that gives `R`. `X`: more options. `L`:
 * a tuple as long as what stands before a list that may also be given as separate numbers.
 */
export type Callable<N extends unknown[], I extends unknown[], P extends unknown[], R, X = unknown, L = null> = Calls<
  N,
  I,
  P,
  R,
  X,
  L
> & { readonly [signature]: Made<N, I, P, R, X, L> };

type ListIn<S extends string> = S extends `${string}(${infer B})` ? BeforeList<Pieces<B>> : null;

/** A function with the signature `S`, whose parameters are `P`. */
export type Signed<S extends string, P extends unknown[], R> = Callable<
  Names<S>["all"],
  Names<S>["inOrder"],
  P,
  R,
  unknown,
  ListIn<S>
>;

/** What runs behind a function with a signature. */
type ImplementationOf<F> = F extends {
  readonly [signature]: Made<infer _N, infer _I, infer P extends unknown[], infer R, infer _X, infer _L>;
}
  ? (...args: P) => R
  : never;

type Rest<N> = N extends [unknown, ...infer R] ? R : [];

/** The method of a function whose first parameter is the tensor. */
export type MethodOf<F> = F extends {
  readonly [signature]: Made<infer N, infer I, infer P extends unknown[], infer R, infer X, infer L>;
}
  ? Calls<Rest<N>, Rest<I>, After<P, [unknown]>, R, X, L extends null ? null : Rest<L>>
  : never;

/** What runs behind a function with a signature, whatever its types. */
export type Implementation = (...args: unknown[]) => unknown;

/** One way to call a function: its signature, and what runs, which takes its parameters by position. */
interface Form {
  readonly own: Signature;
  run: Implementation;
}

/** A function with a signature, whatever its types. */
interface WithSignature {
  readonly [signature]: Signature;
  readonly forms: readonly Form[];
}

/**
 * A function that reads its arguments by a signature, such as "cumsum(Tensor input, int dim, *, Dtype? dtype=None)", and calls
 * `f` with all of them by position; what was not given is undefined.
 */
export function signed<const S extends string, F extends (...args: never[]) => unknown>(
  text: S,
  f: F,
): Signed<S, Parameters<F>, ReturnType<F>> {
  return overloaded<Signed<S, Parameters<F>, ReturnType<F>>>([text, f]);
}

/**
 * As `signed`, for a function with several signatures, or whose result follows from its arguments: `F` tells how. The first
 * signature that the arguments fit is the one that is called.
 */
export function overloaded<F>(...signatures: readonly [text: string, f: (...args: never[]) => unknown][]): F {
  const forms = signatures.map(
    ([text, f]): Form => ({ own: new Signature(text), run: f as unknown as Implementation }),
  );
  return withForms(functionOf(forms), forms) as unknown as F;
}

/** The function under the name of its signature. What it keeps beside is not shown with it. */
function withForms<F extends object>(f: F, forms: readonly Form[]): F {
  const [{ own }] = forms;
  return Object.defineProperties(f, {
    name: { value: own.name },
    [signature]: { value: own },
    forms: { value: forms },
  });
}

/**
 * Signatures with a list that separate numbers make, and nothing else by position behind it: `zeros(2, 3)`, and as a method,
 * `x.view(2, 3)`.
 */
const startsWithList = /^\w+\(int\[\]\.\.\. \w+(\)|, \*)/;
const listAfterTensor = /^\w+\(Tensor input, int\[\]\.\.\. \w+(\)|, \*)/;

/** The list that separate numbers, or one list alone, make; null for other arguments. */
function listOf(numbers: readonly unknown[]): readonly number[] | null {
  const list = numbers.length === 1 && typeof numbers[0] === "object" ? numbers[0] : numbers;
  return numbers.length > 0 && isIntList(list) ? list : null;
}

/** The function with these forms. Calls by position that need no conversion go straight on. */
function functionOf(forms: readonly Form[]): Implementation {
  const [{ own, run }] = forms;
  if (startsWithList.test(own.text)) {
    return (...numbers) => {
      const sizes = listOf(numbers);
      return sizes === null ? callForm(forms, numbers) : run(sizes);
    };
  }
  return function (
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
    f?: unknown,
    g?: unknown,
    h?: unknown,
  ) {
    for (let k = 0; k < forms.length; k++) {
      // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
      if (forms[k].own.fits(arguments.length, a, b, c, d, e, f, g, h)) return forms[k].run(a, b, c, d, e, f, g, h);
    }
    // biome-ignore lint/complexity/noArguments: see above
    return callForm(forms, Array.from(arguments));
  };
}

/** Calls the form that the arguments fit once they are read. Throws ArgumentError when they fit none. */
function callForm(forms: readonly Form[], args: readonly unknown[], callee?: Callee): unknown {
  if (forms.length === 1) return forms[0].run(...forms[0].own.read(args, callee));
  for (const { own, run } of forms) {
    let values: unknown[];
    try {
      values = own.read(args, callee);
    } catch (error) {
      if (error instanceof ArgumentError) continue;
      throw error;
    }
    return run(...values);
  }
  throw refusal(forms, args, callee ?? {});
}

/** PyTorch's error for arguments that fit none of several signatures. */
function refusal(forms: readonly Form[], args: readonly unknown[], callee: Callee): ArgumentError {
  const { name = forms[0].own.name, bound = 0 } = callee;
  const last = args[args.length - 1];
  const named = isOptions(last) ? Object.entries(last) : [];
  const given = args.slice(bound, named.length > 0 ? -1 : undefined).map(pythonType);
  for (const [key, value] of named) given.push(`${snakeCase(key)}=${pythonType(value)}`);
  const list = forms.map(({ own }) => ` * ${own.describe(bound)}\n`).join("");
  return new ArgumentError(
    `${snakeCase(name)}() received an invalid combination of arguments - got (${given.join(", ")}), but expected one of:\n${list}`,
  );
}

/** The signature of a function, the first of several, or null for a function without. */
export function signatureOf(f: unknown): Signature | null {
  return isSigned(f) ? f[signature] : null;
}

/** The signatures of a function; none for a function without. */
export function signaturesOf(f: unknown): readonly Signature[] {
  if (!isSigned(f)) return [];
  return f.forms?.map(({ own }) => own) ?? [f[signature]];
}

function isSigned(f: unknown): f is WithSignature {
  return typeof f === "function" && signature in f;
}

/** What runs behind a function with a signature: for other functions that are made of it. */
export function implementationOf<F extends { readonly [signature]: unknown }>(f: F): ImplementationOf<F> {
  return (f as unknown as WithSignature).forms[0].run as unknown as ImplementationOf<F>;
}

/** Replaces what runs behind a function with a signature, and behind its method, by what `wrap` makes of it. Gives back what undoes it. */
export function replaceImplementation(f: object, wrap: (run: Implementation) => Implementation): () => void {
  const { forms } = f as WithSignature;
  const before = forms.map(({ run }) => run);
  for (const form of forms) form.run = wrap(form.run);
  return () => {
    forms.forEach((form, k) => {
      form.run = before[k];
    });
  };
}

/** The method of a function with a signature, whose first parameter is the tensor; null for another function. */
export function methodOf(f: unknown): ((this: unknown, ...args: unknown[]) => unknown) | null {
  if (!isSigned(f)) return null;
  const { forms } = f;
  return withForms(methodOfForms(forms, { bound: 1 }), forms);
}

function methodOfForms(forms: readonly Form[], callee: Callee) {
  const [{ own, run }] = forms;
  if (listAfterTensor.test(own.text)) {
    return function (this: unknown, ...numbers: unknown[]) {
      const list = listOf(numbers);
      return list === null ? callForm(forms, [this, ...numbers], callee) : run(this, list);
    };
  }
  return function (
    this: unknown,
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
    f?: unknown,
    g?: unknown,
  ) {
    for (let k = 0; k < forms.length; k++) {
      // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
      if (forms[k].own.fits(arguments.length + 1, this, a, b, c, d, e, f, g))
        return forms[k].run(this, a, b, c, d, e, f, g);
    }
    // biome-ignore lint/complexity/noArguments: see above
    return callForm(forms, [this, ...Array.from(arguments)], callee);
  };
}
