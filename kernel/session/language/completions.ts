// What can stand at a position, with types. tslab itself keeps the names only of what TypeScript completes with; here their symbols
// are kept as well, whose types are printed for what is offered.

import type * as TS from "typescript";
import { type Arguments, argumentsAt } from "./argument-options";
import type { CompletionTools } from "./internals";
import type { CompletionInfo } from "./tslab";
import { ownModules } from "../prelude-names";
import type { Completion, CompleteReply } from "../protocol";

/** What TypeScript asks about files to complete the name of a module; its own type is not exported. */
export type PathHost = Pick<TS.LanguageServiceHost, "fileExists" | "getCompilationSettings" | "getCurrentDirectory"> &
  Partial<TS.LanguageServiceHost>;

type Entry = TS.CompletionEntry & { symbol?: TS.Symbol };

const noArguments: Arguments = { options: [], given: new Set() };

/** How an object of options begins with one. */
const optionText = (name: string): string => `{ ${name}: `;

/** What magics become, which nobody writes. */
const internal = "$magics";
/** More names than people read through get no types, and what is written about them is for those that stand first. */
const typedAtMost = 1000;
const documentedAtMost = 60;

/** A place in a program. */
export interface Place {
  program: TS.Program;
  file: TS.SourceFile;
  position: number;
}

/** Completion by one compiler. */
export class Completions {
  private asked: Place | null = null;
  /** What is asked about the next place instead of its completions. */
  private question: ((place: Place) => void) | null = null;

  constructor(
    private readonly ts: typeof TS,
    private readonly pathHost: (program: TS.Program) => PathHost,
  ) {}

  /** TypeScript's completion at a position. */
  complete(program: TS.Program, file: TS.SourceFile, position: number): TS.CompletionInfo | undefined {
    const { ts } = this;
    this.asked = { program, file, position };
    if (this.question) {
      this.question(this.asked);
      return undefined;
    }
    const host = this.pathHost(program);
    const { Invoked } = ts.CompletionTriggerKind;
    const never: TS.CancellationToken = {
      isCancellationRequested: () => false,
      throwIfCancellationRequested: () => {},
    };
    const withSymbols = true;
    return this.tools.Completions.getCompletionsAtPosition(
      host,
      program,
      () => {},
      file,
      position,
      {},
      undefined,
      Invoked,
      never,
      undefined,
      withSymbols,
    );
  }

  private get tools(): CompletionTools {
    return this.ts as typeof TS & CompletionTools;
  }

  /** Asks something about the place for which `complete` asks tslab. */
  about<T>(complete: () => unknown, question: (place: Place) => T): T | undefined {
    let answer: T | undefined;
    this.question = (place) => {
      answer = question(place);
    };
    try {
      complete();
    } finally {
      this.question = null;
      this.asked = null;
    }
    return answer;
  }

  /** What tslab found for `code` with the cursor at `offset`, as a front-end sees it. `recent`: names used lately. */
  reply(
    code: string,
    offset: number,
    { original, ...given }: CompletionInfo,
    recent: readonly string[],
  ): CompleteReply {
    const { ts } = this;
    let entries: readonly Entry[] = original?.entries ?? [];
    let { start, end } = given;
    // tslab takes the cursor alone for what is replaced within a string.
    const string = this.stringAt(offset);
    if (string) ({ start, end } = string);
    if (string?.isModule) {
      // TypeScript completes the part behind the last slash of the whole name.
      if (code.slice(offset, end).includes("/")) entries = [];
      start += code.slice(start, offset).lastIndexOf("/") + 1;
      const kind = ts.ScriptElementKind.externalModuleName;
      if (start === string.start)
        entries = [...Object.keys(ownModules).map((name): Entry => ({ name, kind, sortText: "" })), ...entries];
    }
    const typed = code.slice(start, offset);
    const { options, given: positional } = string ? noArguments : this.argumentsAt();
    const named = options.filter(({ name }) => name.startsWith(typed));
    const opening = named.map(
      ({ name, symbol }) =>
        ({ name: optionText(name), kind: ts.ScriptElementKind.memberVariableElement, symbol }) as Entry,
    );
    const others = ranked(entries, typed, recent).filter(({ name, symbol }) => !isGiven(ts, positional, name, symbol));
    const completions = [...opening, ...others].map((entry, place): Completion => {
      const { name: text, kind, symbol, kindModifiers } = entry;
      const documentation = place < documentedAtMost ? this.documentationOf(symbol) : "";
      return {
        text,
        kind,
        type: place < typedAtMost ? this.typeOf(symbol) : undefined,
        ...(documentation !== "" && { documentation }),
        ...(isDeprecated(kindModifiers) && { deprecated: true }),
      };
    });
    // A program is large, and the next request makes another.
    this.asked = null;
    return { start, end, completions };
  }

  /** The string around the cursor: where its text begins and ends, and whether that is the name of a module. */
  private stringAt(offset: number): { start: number; end: number; isModule: boolean } | undefined {
    const { ts, asked } = this;
    const token = asked && this.tools.findPrecedingToken(asked.position, asked.file);
    if (!token || !ts.isStringLiteralLike(token)) return undefined;
    const first = token.getStart(asked.file) + 1;
    const last = token.isUnterminated ? token.end : token.end - 1;
    if (asked.position < first || asked.position > last) return undefined;
    const shift = asked.position - offset;
    const { parent } = token;
    const isCall = ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
    const isModule = isCall || ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
    return { start: first - shift, end: last - shift, isModule };
  }

  /** The options of the call around the cursor. */
  private argumentsAt(): Arguments {
    const { asked, ts } = this;
    return asked ? argumentsAt(ts, asked.program, asked.file, asked.position) : noArguments;
  }

  private typeOf(given: TS.Symbol | undefined): string | undefined {
    const { ts, asked } = this;
    if (!given || !asked) return undefined;
    const checker = asked.program.getTypeChecker();
    const symbol = this.meaning(given, checker);
    if (!(symbol.flags & ts.SymbolFlags.Value)) return undefined;
    const type = checker.getTypeOfSymbolAtLocation(symbol, asked.file);
    // Of a function people want the parameters, not what its type is called.
    const isNamedFunction = type.aliasSymbol !== undefined && type.getCallSignatures().length > 0;
    const flags = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
    return checker.typeToString(type, asked.file, isNamedFunction ? flags | ts.TypeFormatFlags.InTypeAlias : flags);
  }

  private documentationOf(given: TS.Symbol | undefined): string {
    const { ts, asked } = this;
    if (!given || !asked) return "";
    const checker = asked.program.getTypeChecker();
    return ts.displayPartsToString(this.meaning(given, checker).getDocumentationComment(checker));
  }

  private meaning(given: TS.Symbol, checker: TS.TypeChecker): TS.Symbol {
    return given.flags & this.ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
  }
}

/** Whether an option of an object is a parameter that was given by position. */
function isGiven(ts: typeof TS, given: ReadonlySet<string>, name: string, symbol: TS.Symbol | undefined): boolean {
  return given.has(name) && symbol !== undefined && (symbol.flags & ts.SymbolFlags.Property) !== 0;
}

function isDeprecated(modifiers: string | undefined): boolean {
  return /\bdeprecated\b/.test(modifiers ?? "");
}

/** What fits the text typed so far, the likeliest first. Names that only contain it help when nothing begins with it. */
function ranked(entries: readonly Entry[], typed: string, recent: readonly string[]): Entry[] {
  const lower = typed.toLowerCase();
  const fitting = entries.filter(({ name }) => name !== internal && name.toLowerCase().includes(lower));
  const starting = fitting.filter(({ name }) => name.toLowerCase().startsWith(lower));
  const places = new Map(recent.map((name, place) => [name, place]));
  const keyOf = ({ name, kindModifiers, sortText }: Entry): (number | string)[] => [
    isDeprecated(kindModifiers) ? 1 : 0,
    name.startsWith(typed) ? 0 : 1,
    places.get(name) ?? Number.POSITIVE_INFINITY,
    sortText,
    name.toLowerCase(),
  ];
  const keyed = (starting.length > 0 ? starting : fitting).map((entry) => ({ entry, key: keyOf(entry) }));
  keyed.sort((a, b) => {
    const at = a.key.findIndex((part, i) => part !== b.key[i]);
    if (at >= 0) return a.key[at] < b.key[at] ? -1 : 1;
    return a.entry.name < b.entry.name ? -1 : 1;
  });
  return keyed.map(({ entry }) => entry);
}
