// The text of a tree that transformers have changed here and there: as it was typed, with new text only where a node is another one.
// Blanks, comments and line breaks stay.

import type * as TS from "typescript";

/** Writes nodes of a transformed file. */
export class Splicer {
  constructor(
    private readonly ts: typeof TS,
    private readonly file: TS.SourceFile,
  ) {}

  /** What was typed where a node stands now; `undefined` for a node that a transformer made. */
  private typed(node: TS.Node): TS.Node | undefined {
    const original = this.ts.getOriginalNode(node);
    return original.parent && original.getSourceFile() === this.file ? original : undefined;
  }

  /** The text of what was `typed`, which is `made` now, without the blanks and comments before it. */
  text(typed: TS.Node, made: TS.Node): string {
    const { file } = this;
    const start = typed.getStart(file);
    if (typed === made) return file.text.slice(start, typed.end);
    const before = this.children(typed);
    const after = this.children(made);
    const isSame = typed.kind === made.kind && before.length > 0 && before.length === after.length;
    if (!isSame) return this.print(made);
    let text = "";
    let at = start;
    for (const [i, child] of before.entries()) {
      const from = child.getStart(file);
      if (from < at) return this.print(made);
      text += file.text.slice(at, from) + this.text(child, after[i]);
      at = child.end;
    }
    return text + file.text.slice(at, typed.end);
  }

  /** A node that was not typed. Parts of it that were typed stand as they were typed: the printer writes names as they are. */
  print(made: TS.Node): string {
    const { ts } = this;
    const substituteNode = (_: TS.EmitHint, node: TS.Node): TS.Node => {
      const typed = node === made ? undefined : this.typed(node);
      return typed ? ts.factory.createIdentifier(this.text(typed, node)) : node;
    };
    // A printer of its own, since one that prints cannot begin anew.
    const printer = ts.createPrinter({ removeComments: true }, { substituteNode });
    return printer.printNode(ts.EmitHint.Unspecified, made, this.file);
  }

  private children(node: TS.Node): TS.Node[] {
    const found: TS.Node[] = [];
    this.ts.forEachChild(node, (child) => void found.push(child));
    return found;
  }
}
