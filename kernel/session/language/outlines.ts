// Types of Node's modules, as far as cells ask for them. Of the declarations of @types/node, which are two thirds of all that the
// compiler would hold, a program first gets outlines: global names and imports, without what the modules export. The types of
// `fetch`, which Node's take from a package, are left out whole. A program in which the compiler looked for an export of a module is
// made again with the whole of it.

import type * as TS from "typescript";
import { bindFile } from "./internals";

export class Outlines {
  /** Files read as outlines, with what tells the compiler that they have changed. */
  private readonly outlined = new Map<string, () => void>();
  private readonly whole = new Set<string>();
  private readonly wanted = new Set<string>();
  private readonly attended = new WeakSet<TS.SourceFile>();

  /**
   * @param folder of which files are outlined, with a `/` at its end
   * @param entries the files of packages, of which nothing is read at first
   */
  constructor(
    private readonly ts: typeof TS,
    private readonly folder: string,
    private readonly entries: readonly string[],
  ) {}

  /** What the compiler is to read for a file. */
  text(path: string, whole: string): string {
    if (this.whole.has(path)) return whole;
    const outline = this.entries.includes(path)
      ? "export {};"
      : path.startsWith(this.folder)
        ? outlineOf(this.ts, whole)
        : null;
    if (outline === null) return whole;
    if (!this.outlined.has(path)) this.outlined.set(path, () => {});
    return outline;
  }

  /** Keeps what tells the compiler that a file has changed. */
  watch(path: string, changed: () => void): void {
    if (this.outlined.has(path)) this.outlined.set(path, changed);
  }

  /** Takes notice of what the checker of a program will look for; called before it has one. */
  attend(program: TS.Program): void {
    for (const file of program.getSourceFiles()) {
      if (!this.outlined.has(file.fileName) || this.attended.has(file)) continue;
      this.attended.add(file);
      const { symbol: own, locals } = bindFile(this.ts, program, file);
      const declared = [...(locals?.values() ?? [])].filter((symbol) => symbol.name.startsWith('"'));
      for (const symbol of own ? [own, ...declared] : declared) {
        const { exports } = symbol;
        const seen = (): typeof exports => {
          this.wanted.add(file.fileName);
          return exports;
        };
        Object.defineProperty(symbol, "exports", { get: seen });
      }
    }
  }

  /** Whether the last program lacked something. */
  get lacking(): boolean {
    return this.wanted.size > 0;
  }

  /** Lets the next program have what the last one lacked. */
  complete(): void {
    for (const path of this.wanted) {
      this.whole.add(path);
      const changed = this.outlined.get(path);
      this.outlined.delete(path);
      changed?.();
    }
    this.wanted.clear();
  }
}

/**
 * `null` when a file declares no modules. Tokens are enough to find where statements begin and end, and parsing all of these files
 * takes four times as long.
 */
function outlineOf(ts: typeof TS, text: string): string | null {
  if (!text.includes("declare module")) return null;
  const { SyntaxKind } = ts;
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  const kept: string[] = [...(text.match(/^\/\/\/ <.*$/gm) ?? [])];
  /** Braces that are open: of blocks and types, and of templates. */
  const open: TS.SyntaxKind[] = [];
  let inModule = false;
  let start = 0;
  let tokens: TS.SyntaxKind[] = [];
  const endStatement = (keep: boolean): void => {
    const end = scanner.getTokenEnd();
    if (keep) kept.push(text.slice(start, end));
    start = end;
    tokens = [];
  };
  for (let token = scanner.scan(); token !== SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === SyntaxKind.CloseBraceToken && open.at(-1) === SyntaxKind.TemplateHead) {
      if (scanner.reScanTemplateToken(false) === SyntaxKind.TemplateTail) open.pop();
      continue;
    }
    const level = inModule ? 1 : 0;
    if (tokens.length < 3 || token === SyntaxKind.FromKeyword) tokens.push(token);
    if (token === SyntaxKind.TemplateHead) open.push(token);
    else if (token === SyntaxKind.OpenBraceToken) {
      open.push(token);
      if (open.length > 1 || !beginsModule(ts, tokens)) continue;
      inModule = true;
      endStatement(true);
    } else if (token === SyntaxKind.CloseBraceToken) {
      open.pop();
      if (inModule && open.length === 0) {
        inModule = false;
        start = scanner.getTokenStart();
        endStatement(true);
      } else if (open.length === level && !namesImports(ts, tokens)) endStatement(belongsInOutline(ts, tokens, level));
    } else if (token === SyntaxKind.SemicolonToken && open.length === level) {
      endStatement(belongsInOutline(ts, tokens, level));
    }
  }
  // What was not understood is read whole.
  return open.length === 0 ? kept.join("\n") : null;
}

/** `declare module "…"` */
function beginsModule({ SyntaxKind }: typeof TS, [first, second, third]: TS.SyntaxKind[]): boolean {
  return (
    first === SyntaxKind.DeclareKeyword && second === SyntaxKind.ModuleKeyword && third === SyntaxKind.StringLiteral
  );
}

/** `import {…` and `export {…`, which go on behind their braces. */
function namesImports({ SyntaxKind }: typeof TS, [first, second]: TS.SyntaxKind[]): boolean {
  const isList = first === SyntaxKind.ExportKeyword && second === SyntaxKind.OpenBraceToken;
  return isList || first === SyntaxKind.ImportKeyword;
}

/** Whether a statement that begins so is kept: all outside of modules; in them imports, what is exported from elsewhere, globals. */
function belongsInOutline({ SyntaxKind }: typeof TS, tokens: TS.SyntaxKind[], level: number): boolean {
  const [first, second] = tokens;
  if (level === 0 || first === SyntaxKind.ImportKeyword || first === SyntaxKind.GlobalKeyword) return true;
  if (first !== SyntaxKind.ExportKeyword) return false;
  const isList = second === SyntaxKind.AsteriskToken || second === SyntaxKind.OpenBraceToken;
  return second === SyntaxKind.ImportKeyword || (isList && tokens.includes(SyntaxKind.FromKeyword));
}
