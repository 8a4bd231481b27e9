// Words for those who write Python's way, where TypeScript's own message does not lead them to what to write instead.

import { camelCase, fromPython } from "./python";

interface Hint {
  /** Codes of TypeScript's errors. */
  codes: readonly number[];
  /** What TypeScript says, where the code alone does not tell. */
  message?: RegExp;
  /** What stands before the error on its line, and from its start on. */
  before: RegExp;
  from: RegExp;
  text(found: RegExpExecArray, source: string): string;
}

/** Errors of the parser where something else was expected. */
const unexpected = [1003, 1005, 1109, 1134, 1434, 1146, 2304];

/** Errors with lower numbers are the parser's. */
const grammarUntil = 2000;

/** Errors about names that nothing declares, and about properties that are not there. */
const unknownName = [2304, 2552];
const unknownProperty = [2339, 2551];

/** Names that every Python program has, and what is written instead. */
const pythonNames: Readonly<Record<string, string>> = {
  print: "Write console.log(x), or x alone at the end of a cell",
  len: "Write x.length",
  None: "Write null",
  True: "Write true",
  False: "Write false",
  self: "Write this, which is no parameter",
  list: "Write [...xs]",
  isinstance: "Write x instanceof C",
  math: "Write Math: Math.PI, Math.sqrt(x)",
  float: 'Write Infinity for float("inf"), and Number(x)',
  lambda: "Write x => …",
  sum: "Write torch.tensor(xs).sum(), or xs.reduce((a, b) => a + b, 0)",
  str: "Write String(x)",
  int: "Write Math.trunc(Number(x))",
  max: "Write Math.max(...xs)",
  min: "Write Math.min(...xs)",
  abs: "Write Math.abs(x)",
  help: "Write the name with a question mark: torch.sum?",
  open: 'Write readFileSync(path, "utf8"), which "node:fs" has',
  def: "Write function name(x: torch.Tensor) { … }",
};

/** Properties of PyTorch's that have no counterpart of their name. */
const pytorchProperties: Readonly<Record<string, string>> = {
  numpy: "Write x.toTypedArray() for the elements, x.tolist() for nested arrays",
  fromNumpy: "Write torch.fromTypedArray(array), which shares the memory of a typed array",
  from_numpy: "Write torch.fromTypedArray(array), which shares the memory of a typed array",
};

const hints: readonly Hint[] = [
  {
    codes: unexpected,
    before: /[\w$\])]\[[^\]]*$/,
    from: /^:/,
    text: () => 'A slice is written as text: x["1:3"], x[":", 0]',
  },
  {
    codes: unexpected,
    before: /[\w$\])]\[(?:[^\]]*,)?\s*$/,
    from: /^\.\.\.\s*[,\]]/,
    text: () => 'An ellipsis is written as text: x["...", 0]',
  },
  {
    codes: unexpected,
    before: /@$/,
    from: /^=(?!=)/,
    text: () => "There is no operator @=: write x = x @ y",
  },
  {
    codes: unknownName,
    before: /(?<!\bfor\s*)[(,]\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `Arguments have names in an object: { ${camelCase(name)}: … }`,
  },
  {
    codes: unexpected,
    before: /(?:^|[;{])\s*with\s+$/,
    from: /^[\w$]/,
    text: () =>
      "A mode lasts to the end of a block: { using _ = torch.noGrad(); … }; or it is a function: torch.noGrad(() => { … })",
  },
  {
    codes: [...unknownName, 1434],
    before: /(?:^|[^.\w$])$/,
    from: new RegExp(`^(${Object.keys(pythonNames).join("|")})\\b`),
    text: ([, name]) => pythonNames[name],
  },
  {
    codes: [...unknownName, 1434],
    before: /(?:^|[^.\w$])$/,
    from: /^f["']/,
    text: () => "Write text with values in it between backticks",
  },
  {
    codes: unknownProperty,
    before: /\.\s*$/,
    from: new RegExp(`^(${Object.keys(pytorchProperties).join("|")})\\b`),
    text: ([, name]) => pytorchProperties[name],
  },
  {
    codes: unknownName,
    before: /(?:^|[;{}])\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `A new name is declared where it first gets a value: let ${name} = …`,
  },
  {
    codes: unknownName,
    before: /\bfor\s*\(\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `A new name is declared where it first gets a value: for (let ${name} = …`,
  },
  {
    codes: [17006],
    before: /$/,
    from: /^[-+~!]/,
    text: () => "The sign before a power stands in brackets: write -(x ** 2)",
  },
  {
    codes: [7006],
    before: /$/,
    from: /^([\w$]+)/,
    text: ([, name]) => `The type of a parameter stands behind its name: ${name}: torch.Tensor`,
  },
  {
    codes: [2345, 2322, 2769],
    message:
      /'[^']*\| null' is not assignable|Type 'null' is not assignable to type '(?:Tensor|Parameter)'|^No overload matches/,
    before: /$/,
    from: /^([\w$.[\]]+\.(?:grad|bias))\b/,
    text: ([, access]) => `Where it is surely there, write ${access}!`,
  },
  {
    codes: [2739, 2740],
    before: /(?:^|[;{])\s*$/,
    from: /^([\w$]+)\s*=(?!=)/,
    text: ([, name]) => `A variable keeps its type; another cell may declare it again: let ${name} = …`,
  },
  {
    codes: [2839],
    before: /$/,
    from: /^([\w$.]+)\s*[!=]==?\s*(\[[^\]]*\])/,
    text: ([, left, right]) => `Lists are compared by their elements: ${left}.join() === ${right}.join()`,
  },
  {
    codes: [2695],
    before: /\(\s*$/,
    from: /^[^()]*,/,
    text: () => "A tuple is written as an array: [2, 3]",
  },
  {
    codes: [2322],
    message: /^Type '.*\bTensor' is not assignable to type 'number'/,
    before: /(?:^|[;{(])\s*$/,
    from: /^([\w$]+)\s*[-+*/]?=(?!=)/,
    text: ([, name]) =>
      `A tensor's number is x.item(); what adds up tensors begins as one: let ${name} = torch.tensor(0.)`,
  },
  {
    codes: [2741],
    message: /in type 'Tensor' but required in type 'Parameter'/,
    before: /$/,
    from: /^/,
    text: () => "A parameter is made by new nn.Parameter(x), and changed under torch.noGrad(() => { … })",
  },
  {
    codes: [2345, 2769],
    before: /\bSequential\(\s*$/,
    from: /^\[/,
    text: () => "Modules of a list are spread: new nn.Sequential(...layers)",
  },
  {
    codes: [2348],
    before: /$/,
    from: /^([\w$.]+)/,
    text: ([, name]) => `A class makes its objects with new: new ${name}(…)`,
  },
  {
    codes: [2749],
    before: /$/,
    from: /^([\w$]+)/,
    text: ([, name], source) => {
      const origin = new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\}\\s*=\\s*([\\w$.]+)`).exec(source)?.[1] ?? "…";
      return `To take a class along with its type, write import ${name} = ${origin}.${name}`;
    },
  },
];

/** What to write instead of what stands at a position of `source`, if that is known. */
export function hintFor(
  error: { readonly code: number; readonly messageText: string },
  source: string,
  line: number,
  column: number,
): string | undefined {
  const text = source.split(/\r?\n/)[line] ?? "";
  for (const hint of hints) {
    if (!hint.codes.includes(error.code) || !hint.before.test(text.slice(0, column))) continue;
    if (hint.message && !hint.message.test(error.messageText)) continue;
    const found = hint.from.exec(text.slice(column));
    if (found) return hint.text(found, source);
  }
  // A line that does not parse may be one of Python's.
  const written = error.code < grammarUntil ? fromPython(text) : undefined;
  return written === undefined ? undefined : `Write ${written.trim()}`;
}
