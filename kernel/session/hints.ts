// Words for those who write Python's way, where TypeScript's own message does not lead them to what to write instead.

interface Hint {
  /** Codes of TypeScript's errors. */
  codes: readonly number[];
  /** What stands before the error on its line, and from its start on. */
  before: RegExp;
  from: RegExp;
  text(found: RegExpExecArray): string;
}

/** Errors of the parser where something else was expected. */
const unexpected = [1003, 1005, 1109, 1134, 1434, 1146, 2304];

/** Errors about names that nothing declares. */
const unknownName = [2304, 2552];

/** Names of Python's and how the same is said here. */
const pythonNames: Readonly<Record<string, string>> = {
  None: "Python's None is null",
  True: "Python's True is true",
  False: "Python's False is false",
  self: "Python's self is this, and no parameter",
  print: "Python's print(x) is console.log(x)",
  len: "Python's len(x) is x.length",
  range: "Python's `for i in range(n)` is `for (let i = 0; i < n; i++)`",
  enumerate: "Python's `for i, x in enumerate(xs)` is `for (const [i, x] of [...xs].entries())`",
  zip: "Python's zip(xs, ys) is xs.map((x, i) => [x, ys[i]])",
  list: "Python's list(xs) is [...xs]",
  isinstance: "Python's isinstance(x, C) is x instanceof C",
  math: "Python's math is Math: Math.PI, Math.sqrt(x)",
};

/** Errors about properties that are not there. */
const unknownProperty = [2339, 2551];

/** Properties of PyTorch's that have no counterpart of their name. */
const pytorchProperties: Readonly<Record<string, string>> = {
  numpy: "x.toTypedArray() gives the elements, x.tolist() nested arrays",
  fromNumpy: "torch.fromTypedArray(array) shares the memory of a typed array",
  from_numpy: "torch.fromTypedArray(array) shares the memory of a typed array",
  cuda: 'Tensors live on the CPU: there is no cuda to ask for, and every device is "cpu"',
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
    codes: unexpected,
    before: /(?:^|[;{])\s*(?:await\s+)?$/,
    from: /^using\s+[\w$]+/,
    text: () => "This TypeScript (5.0) has no `using`: write try { … } finally { … }",
  },
  {
    codes: [2304, 2552],
    before: /[(,]\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `Arguments have names in an object: { ${name}: … }`,
  },
  {
    codes: unknownName,
    before: /(?:^|[;{}])\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `A new name is declared where it first gets a value: let ${name} = …`,
  },
  {
    codes: unknownName,
    before: /(?:^|[^.\w$])$/,
    from: new RegExp(`^(${Object.keys(pythonNames).join("|")})\\b`),
    text: ([, name]) => pythonNames[name],
  },
  {
    codes: unknownProperty,
    before: /\.\s*$/,
    from: new RegExp(`^(${Object.keys(pytorchProperties).join("|")})\\b`),
    text: ([, name]) => pytorchProperties[name],
  },
];

/** What to write instead of what stands at a position of `source`, if that is known. */
export function hintFor(code: number, source: string, line: number, column: number): string | undefined {
  const text = source.split(/\r?\n/)[line] ?? "";
  for (const hint of hints) {
    if (!hint.codes.includes(code) || !hint.before.test(text.slice(0, column))) continue;
    const found = hint.from.exec(text.slice(column));
    if (found) return hint.text(found);
  }
  return undefined;
}
