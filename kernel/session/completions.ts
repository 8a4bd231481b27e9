// What can stand at a position, with types. tslab's completion gives names only, so its call into TypeScript is replaced by one that
// keeps the symbols, whose types are printed for what is offered.

import type * as TS from "@tslab/typescript-for-tslab";
import type { CompletionInfo } from "tslab/dist/converter";
import { ownModules } from "./prelude-names";
import type { Completion, CompleteReply } from "./protocol";

/** What TypeScript asks about files to complete the name of a module; its own type is not exported. */
export type PathHost = Pick<TS.LanguageServiceHost, "fileExists" | "getCompilationSettings" | "getCurrentDirectory"> &
  Partial<TS.LanguageServiceHost>;

type Entry = TS.CompletionEntry & { symbol?: TS.Symbol };

type Services = typeof TS.Completions;
/** TypeScript's own completion, which its types leave out. */
type Complete = (...given: unknown[]) => TS.CompletionInfo | undefined;

/** What magics become, which nobody writes. */
const internal = "$magics";
/** More names than people read through get no types. */
const typedAtMost = 250;

/** Completion by one compiler. */
export class Completions {
  private asked: { program: TS.Program; file: TS.SourceFile; position: number } | null = null;

  constructor(
    private readonly ts: typeof TS,
    private readonly pathHost: (program: TS.Program) => PathHost,
  ) {}

  /** TypeScript's completion services, with the call of tslab's replaced. */
  services(): Services {
    const services = this.ts.Completions as Services & { getCompletionsAtPosition: Complete };
    return {
      ...services,
      getCompletionsAtPositionForTslab: (_, program, log, file, position, ...given) => {
        this.asked = { program, file, position };
        const host = this.pathHost(program);
        const formatting = undefined;
        const withSymbols = true;
        return services.getCompletionsAtPosition(host, program, log, file, position, ...given, formatting, withSymbols);
      },
    };
  }

  /** What tslab found for `code` with the cursor at `offset`, as a front-end sees it. */
  reply(code: string, offset: number, { original, ...given }: CompletionInfo): CompleteReply {
    const { ts } = this;
    const entries = new Map(original?.entries.map((entry): [string, Entry] => [entry.name, entry]));
    let { start, end, candidates } = given;
    // tslab takes the cursor alone for what is replaced within a string.
    const string = this.stringAt(offset);
    if (string) ({ start, end } = string);
    if (string?.isModule) {
      // TypeScript completes the part behind the last slash of the whole name.
      if (code.slice(offset, end).includes("/")) candidates = [];
      start += code.slice(start, offset).lastIndexOf("/") + 1;
    }
    const typed = code.slice(start, offset).toLowerCase();
    const all = string?.isModule && start === string.start ? [...Object.keys(ownModules), ...candidates] : candidates;
    // tslab also offers names that only contain what was typed; they help when nothing starts with it.
    const names = all.filter((text) => text !== internal && text.toLowerCase().includes(typed));
    const starting = names.filter((text) => text.toLowerCase().startsWith(typed));
    const offered = starting.length > 0 ? starting : names;
    const withTypes = offered.length <= typedAtMost;
    const completions = offered.map((text): Completion => {
      const entry = entries.get(text);
      const kind = entry?.kind ?? (Object.hasOwn(ownModules, text) ? ts.ScriptElementKind.externalModuleName : "");
      return { text, kind, type: withTypes ? this.typeOf(entry?.symbol) : undefined };
    });
    // A program is large, and the next request makes another.
    this.asked = null;
    return { start, end, completions };
  }

  /** The string around the cursor: where its text begins and ends, and whether that is the name of a module. */
  private stringAt(offset: number): { start: number; end: number; isModule: boolean } | undefined {
    const { ts, asked } = this;
    const token = asked && ts.findPrecedingToken(asked.position, asked.file);
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

  private typeOf(given: TS.Symbol | undefined): string | undefined {
    const { ts, asked } = this;
    if (!given || !asked) return undefined;
    const checker = asked.program.getTypeChecker();
    const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
    if (!(symbol.flags & ts.SymbolFlags.Value)) return undefined;
    return checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, asked.file), asked.file);
  }
}
