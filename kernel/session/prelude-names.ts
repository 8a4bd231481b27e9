// The names that every cell has without an import. They are exports of prelude.ts; this list is apart from it so that the language
// process can name them without loading the library.

/** Names declared before the first cell. */
export const preludeNames = [
  "torch",
  "nn",
  "F",
  "optim",
  "tqdm",
  "plot",
  "show",
  "display",
  "newDisplay",
  "clearOutput",
  "range",
  "trange",
  "enumerate",
  "zip",
  "iter",
  "next",
] as const;

/** The specifiers that cells can import from any directory, and the compiled modules behind them, relative to dist/. */
export const ownModules: Readonly<Record<string, string>> = {
  cresset: "core/index",
  "cresset/prelude": "kernel/session/executor/prelude",
  tslab: "kernel/session/executor/tslab",
};

const required = Object.keys(ownModules).map((name) => `(id: "${name}"): typeof import("${name}");`);

/** Declarations before the first cell: the prelude, and what `require` gives of our own modules. */
export const initialDeclarations = `import { ${preludeNames.join(", ")} } from "cresset/prelude";
declare global { namespace NodeJS { interface Require { ${required.join(" ")} } } }
`;
