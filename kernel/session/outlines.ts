// Types of Node's modules, as far as cells ask for them. Of the declarations of @types/node, which are two thirds of all that the
// compiler would hold, a program first gets outlines: global names and imports, without what the modules export. The types of
// `fetch`, which Node's take from a package, are left out whole. A program in which the compiler looked for an export of a module is
// made again with the whole of it.

import type * as TS from "@tslab/typescript-for-tslab";
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
        ? outlineOf(this.ts, path, whole)
        : null;
    if (outline === null) return whole;
    this.outlined.set(path, () => {});
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

/** `null` when a file declares no modules. */
function outlineOf(ts: typeof TS, path: string, text: string): string | null {
  if (!text.includes("declare module")) return null;
  // Comments that are none of documentation parse in half the time; positions stay.
  const undocumented = text.replace(/\/\*\*(?!\/)/g, "/* ");
  const file = ts.createSourceFile(path, undocumented, ts.ScriptTarget.Latest);
  const textOf = (node: TS.Node): string => text.slice(node.pos, node.end);
  const kept: string[] = [...(text.match(/^\/\/\/ <.*$/gm) ?? [])];
  for (const statement of file.statements) {
    const { body } = statement as TS.ModuleDeclaration;
    const isModule = ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name) && body;
    if (!isModule || !ts.isModuleBlock(body)) {
      kept.push(textOf(statement));
      continue;
    }
    const inner = body.statements.filter((inside) => belongsInOutline(ts, inside)).map(textOf);
    kept.push(`declare module ${statement.name.getText(file)} {${inner.join("")}}`);
  }
  return kept.join("\n");
}

function belongsInOutline(ts: typeof TS, statement: TS.Statement): boolean {
  if (ts.isImportDeclaration(statement) || ts.isImportEqualsDeclaration(statement)) return true;
  if (ts.isExportDeclaration(statement)) return statement.moduleSpecifier !== undefined;
  return (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}
