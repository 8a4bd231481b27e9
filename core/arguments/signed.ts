// Functions with a signature: the implementation takes its parameters by position, and callers may also give any of them by
// name in a last plain object. Types of both ways of calling come from the text of the signature and from the implementation.

import { Tensor } from "../tensor/tensor";
import { type Callee, isIntList, Signature } from "./signature";

/** Where a function keeps its signature. */
export const signature: unique symbol = Symbol("signature");

/** The pieces between a signature's parentheses. */
type Pieces<S extends string> = S extends `${infer A}, ${infer R}` ? [A, ...Pieces<R>] : S extends "" ? [] : [S];

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
type First<P extends unknown[], N extends unknown[]> = Required<P>["length"] extends N["length"]
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

/** The tuple `P` as an object with the names `N`. */
type Named<N extends unknown[], P extends unknown[]> = N extends [infer A extends string, ...infer R]
  ? P extends [infer T, ...infer Q]
    ? { [K in A]: T } & Named<R, Q>
    : { [K in A]?: Required<P>[0] } & Named<R, After<P, [unknown]>>
  : unknown;

/** One object type for an intersection of them, which also reads better in an editor. */
type Flat<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** The elements of `P` that may be left out, as an object. */
type Optional<N extends unknown[], P extends unknown[]> = N extends [unknown, ...infer R]
  ? P extends [unknown, ...infer Q]
    ? Optional<R, Q>
    : Named<N, P>
  : unknown;

/** Elements that may be left out may be replaced by an object that gives the rest. */
type OrNamed<P extends unknown[], O> = { [K in keyof P]: undefined extends P[K] ? P[K] | O : P[K] };

type InOrder<P extends unknown[], O> = keyof O extends never ? P : [...parameters: OrNamed<P, O>, options?: O];

/** Calls that give the first parameters by position and the others, of which some are required, by name. */
type ByName<N extends unknown[], P extends unknown[], R, X, K extends unknown[] = []> = P extends [
  ...K,
  unknown,
  ...infer _,
]
  ? ((...args: [...parameters: First<P, K>, options: Flat<Named<After<N, K>, After<P, K>> & X>]) => R) &
      ByName<N, P, R, X, [...K, unknown]>
  : unknown;

/** Calls with separate numbers instead of a list, after parameters as many as `L` has. */
type Separate<P extends unknown[], R, L> = L extends unknown[]
  ? (...args: [...parameters: First<P, L>, ...numbers: number[]]) => R
  : unknown;

type Calls<N extends unknown[], I extends unknown[], P extends unknown[], R, X, L> = ((
  ...args: InOrder<First<P, I>, Flat<Optional<N, P> & X>>
) => R) &
  ByName<N, P, R, X> &
  Separate<P, R, L>;

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

type Implementation = (...args: unknown[]) => unknown;

/** A function with a signature, whatever its types. */
interface WithSignature {
  readonly [signature]: Signature;
  /** What runs, its parameters by position. */
  readonly run: Implementation;
}

/**
 * A function that reads its arguments by a signature, such as "cumsum(Tensor input, int dim, *, Dtype? dtype=None)", and calls
 * `f` with all of them by position; what was not given is undefined.
 */
export function signed<const S extends string, F extends (...args: never[]) => unknown>(
  text: S,
  f: F,
): Signed<S, Parameters<F>, ReturnType<F>> {
  const own = new Signature(text);
  const run = f as unknown as Implementation;
  function call(a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, g?: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
    if (own.fits(arguments.length, a, b, c, d, e, g)) return run(a, b, c, d, e, g);
    // biome-ignore lint/complexity/noArguments: see above
    return run(...own.read(Array.from(arguments)));
  }
  const callList = (input?: unknown, ...numbers: unknown[]): unknown => {
    const list = numbers.length === 1 && typeof numbers[0] === "object" ? numbers[0] : numbers;
    return input instanceof Tensor && numbers.length > 0 && isIntList(list)
      ? run(input, list)
      : run(...own.read([input, ...numbers]));
  };
  const made = endsInList.test(text) ? callList : call;
  Object.defineProperty(made, "name", { value: own.name });
  return Object.assign(made, { [signature]: own, run }) as unknown as Signed<S, Parameters<F>, ReturnType<F>>;
}

/** Signatures of a tensor and a list that separate numbers make: `x.view(2, 3)`, which is called often. */
const endsInList = /^\w+\(Tensor input, int\[\]\.\.\. \w+\)$/;

/** As `signed`, for a function whose result follows from its arguments: `F` tells how. */
export function overloaded<F>(text: string, f: (...args: never[]) => unknown): F {
  return signed(text, f) as unknown as F;
}

/** The signature of a function, or null for one without. */
export function signatureOf(f: unknown): Signature | null {
  return isSigned(f) ? f[signature] : null;
}

function isSigned(f: unknown): f is WithSignature {
  return typeof f === "function" && signature in f;
}

/** What runs behind a function with a signature: for other functions that are made of it. */
export function implementationOf<F extends { readonly [signature]: unknown }>(f: F): ImplementationOf<F> {
  return (f as unknown as WithSignature).run as unknown as ImplementationOf<F>;
}

/** The method of a function with a signature, whose first parameter is the tensor; null for another function. */
export function methodOf(f: unknown): ((this: unknown, ...args: unknown[]) => unknown) | null {
  if (!isSigned(f)) return null;
  const { run, [signature]: own } = f;
  const callee: Callee = { bound: 1 };
  if (endsInList.test(own.text)) {
    return function (this: unknown, ...numbers: unknown[]) {
      const list = numbers.length === 1 && typeof numbers[0] === "object" ? numbers[0] : numbers;
      return numbers.length > 0 && isIntList(list) ? run(this, list) : run(...own.read([this, ...numbers], callee));
    };
  }
  return function (this: unknown, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown) {
    // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
    if (own.fits(arguments.length + 1, this, a, b, c, d, e)) return run(this, a, b, c, d, e);
    // biome-ignore lint/complexity/noArguments: see above
    return run(...own.read([this, ...Array.from(arguments)], callee));
  };
}
