// What the names of a session are called in one program. A name that a later cell declares again is another variable there, which gets a
// number; where functions of earlier cells see the name, their variable is assigned instead, or as well for a function or a class.

import type * as TS from "typescript";
import { preludeNames } from "../../prelude-names";

/** The variables of a program by the names that cells gave them. */
export class ProgramVariables {
  /** How often cells have declared a name so far. */
  private readonly declared = new Map<string, number>();
  /** What functions refer to: names as the program has them, by the names of cells. */
  private readonly captured = new Map<string, Set<string>>();
  /** Names of the program that are assigned to after their declaration. */
  readonly assigned = new Set<string>();
  /** The names that every cell has, as far as they are used. */
  readonly prelude = new Set<string>();
  readonly helpers = new Set<"operators" | "spawnSync">();

  /** @param words all words of the cells, none of which a new name may be */
  constructor(private readonly words: ReadonlySet<string>) {}

  /** What a name of an earlier cell is called. */
  use(name: string): string {
    const times = this.declared.get(name) ?? 0;
    if (times === 0 && (preludeNames as readonly string[]).includes(name)) this.prelude.add(name);
    return this.called(name, times);
  }

  /** A cell declares a name; what it is called from now on. */
  declare(name: string): string {
    const known = this.declared.get(name) ?? (this.prelude.has(name) ? 1 : 0);
    this.declared.set(name, known + 1);
    return this.called(name, known + 1);
  }

  /** A function refers to a name of the program's top. */
  capture(name: string, called: string): void {
    const known = this.captured.get(name) ?? new Set();
    this.captured.set(name, known.add(called));
  }

  /** What a name is called that a cell declares again and functions of earlier cells see: still the same variable, which is assigned. */
  reuse(name: string): string | undefined {
    const called = this.called(name, this.declared.get(name) ?? 0);
    if (!this.captured.get(name)?.has(called)) return undefined;
    this.assigned.add(called);
    return called;
  }

  /** The assignments that follow a declaration, for functions of earlier cells. */
  assignments(name: string, called: string): string[] {
    const earlier = [...(this.captured.get(name) ?? [])].filter((each) => each !== called);
    for (const each of earlier) this.assigned.add(each);
    return earlier.map((each) => `${each} = ${called};`);
  }

  private called(name: string, times: number): string {
    if (times < 2) return name;
    let made = `${name}${times}`;
    while (this.words.has(made)) made += "_";
    return made;
  }
}

/** The symbols at the top of a cell, and those that it sees of earlier cells. */
export interface Tops {
  own: ReadonlySet<TS.Symbol>;
  earlier: ReadonlySet<TS.Symbol>;
}

/** A transformer that gives the names of a session those of the program. `called` answers for names at the top. */
export function renamed(
  ts: typeof TS,
  checker: TS.TypeChecker,
  called: (symbol: TS.Symbol, node: TS.Identifier) => string | undefined,
): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  const nameOf = (node: TS.Identifier, symbol: TS.Symbol | undefined): string | undefined => {
    const name = symbol && called(symbol, node);
    return name === node.text ? undefined : name;
  };
  const isNameOfProperty = (node: TS.Node, { parent }: TS.Node): boolean =>
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isQualifiedName(parent) && parent.right === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node) ||
    (ts.isImportSpecifier(parent) && parent.propertyName === node);

  return (context) => {
    const visit = (node: TS.Node): TS.Node => {
      const typed = ts.getOriginalNode(node);
      if (ts.isShorthandPropertyAssignment(node) && ts.isShorthandPropertyAssignment(typed)) {
        const name = nameOf(typed.name, checker.getShorthandAssignmentValueSymbol(typed));
        if (name === undefined) return ts.visitEachChild(node, visit, context);
        const initial = ts.visitNode(node.objectAssignmentInitializer, visit) as TS.Expression | undefined;
        const value = factory.createIdentifier(name);
        return factory.createPropertyAssignment(
          node.name.text,
          initial ? factory.createAssignment(value, initial) : value,
        );
      }
      const isDeclared = ts.isBindingElement(typed) || ts.isImportSpecifier(typed);
      if (isDeclared && ts.isIdentifier(typed.name) && !typed.propertyName) {
        const name = nameOf(typed.name, checker.getSymbolAtLocation(typed.name));
        if (name !== undefined && ts.isImportSpecifier(node))
          return factory.createImportSpecifier(
            node.isTypeOnly,
            factory.createIdentifier(typed.name.text),
            factory.createIdentifier(name),
          );
        if (
          name !== undefined &&
          ts.isBindingElement(node) &&
          ts.isObjectBindingPattern(typed.parent) &&
          !node.dotDotDotToken
        ) {
          const initial = ts.visitNode(node.initializer, visit) as TS.Expression | undefined;
          return factory.createBindingElement(undefined, typed.name.text, name, initial);
        }
      }
      if (ts.isIdentifier(typed) && typed.parent && !isNameOfProperty(typed, typed)) {
        const name = nameOf(typed, checker.getSymbolAtLocation(typed));
        return name === undefined ? node : factory.createIdentifier(name);
      }
      return ts.visitEachChild(node, visit, context);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
