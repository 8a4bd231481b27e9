// What can stand at a position, with types. tslab's completion gives names only, so its call into TypeScript is replaced by one that
// keeps the symbols, whose types are printed for what is offered.

import type * as TS from "@tslab/typescript-for-tslab";
import type { CompletionInfo } from "tslab/dist/converter";
import type { Completion, CompleteReply } from "./protocol";

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
  private asked: { program: TS.Program; file: TS.SourceFile } | null = null;

  constructor(private readonly ts: typeof TS) {}

  /** TypeScript's completion services, with the call of tslab's replaced. */
  services(): Services {
    const services = this.ts.Completions as Services & { getCompletionsAtPosition: Complete };
    return {
      ...services,
      getCompletionsAtPositionForTslab: (...given) => {
        this.asked = { program: given[1], file: given[3] };
        const formatting = undefined;
        const withSymbols = true;
        return services.getCompletionsAtPosition(...given, formatting, withSymbols);
      },
    };
  }

  /** What tslab found for `code` with the cursor at `offset`, as a front-end sees it. */
  reply(code: string, offset: number, { start, end, candidates, original }: CompletionInfo): CompleteReply {
    const entries = new Map(original?.entries.map((entry): [string, Entry] => [entry.name, entry]));
    // tslab also offers names that only contain what was typed; they help when nothing starts with it.
    const typed = code.slice(start, offset).toLowerCase();
    const names = candidates.filter((text) => text !== internal);
    const starting = names.filter((text) => text.toLowerCase().startsWith(typed));
    const offered = starting.length > 0 ? starting : names;
    const withTypes = offered.length <= typedAtMost;
    const completions = offered.map((text): Completion => {
      const entry = entries.get(text);
      return { text, kind: entry?.kind ?? "", type: withTypes ? this.typeOf(entry?.symbol) : undefined };
    });
    // A program is large, and the next request makes another.
    this.asked = null;
    return { start, end, completions };
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
