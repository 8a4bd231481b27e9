// How the tables of calls are written.

import type { Argument, Maker, Value } from "./calls-arguments";
import type { Space } from "./calls-run";

/** A function and a maker of its arguments. */
export interface Entry {
  space: Space;
  name: string;
  make(g: Maker): Argument[];
}

/** Makes the arguments of one call. */
export type Make = (g: Maker) => Argument[];

const SPACES: { readonly [letter: string]: Space } = {
  t: "torch",
  m: "method",
  i: "method",
  f: "functional",
  g: "functional",
  l: "linalg",
  s: "special",
};

/**
 * Entries of a row. `where` says where its names are found: `t` torch, `m` methods, `i` methods in place (name with `_`), `f`
 * nn.functional, `g` nn.functional in place, `l` linalg, `s` special.
 */
export function row(where: string, names: string, make: Make): Entry[] {
  return names.split(/\s+/).flatMap((name) =>
    [...where].map((letter): Entry => {
      const space = SPACES[letter];
      return { space, name: letter === "i" || letter === "g" ? `${name}_` : name, make };
    }),
  );
}

/** An argument that is given by name only. */
export const key = (name: string, value: Value | undefined): Argument => [name, value, "keyword"];
/** A dtype now and then. */
export const dtypeOption = (g: Maker): Argument =>
  key(
    "dtype",
    g.maybe(0.15, () => ({ dtype: g.pick(["float32", "float64", "int64", "int32", "uint8", "bool"]) })),
  );

/** One tensor. */
export const one =
  (kind: Parameters<Maker["use"]>[0], least = 0, most = 4): Make =>
  (g) => {
    g.use(kind);
    return [["input", g.tensor(g.shape(least, most))]];
  };
