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

const noUsing = "This TypeScript (5.0) has no `using`: write try { … } finally { … }";

const hints: readonly Hint[] = [
  {
    codes: unexpected,
    before: /[\w$\])]\[[^\]]*$/,
    from: /^:/,
    text: () => 'A slice is written as text: x["1:3"], x[":", 0]',
  },
  {
    codes: unexpected,
    before: /@$/,
    from: /^=(?!=)/,
    text: () => "There is no operator @=: write x = x @ y",
  },
  {
    codes: unexpected,
    before: /(?:^|[;{])\s*$/,
    from: /^using\s+[\w$]+/,
    text: () => noUsing,
  },
  {
    codes: unexpected,
    before: /(?:^|[;{])\s*await\s+using\s+$/,
    from: /^[\w$]+\s*=/,
    text: () => noUsing,
  },
  {
    codes: [2304, 2552],
    before: /[(,]\s*$/,
    from: /^([\w$]+)\s*=(?![=>])/,
    text: ([, name]) => `Arguments have names in an object: { ${name}: … }`,
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
