// Random programs cut into cells, beside node on the same text.

import { startSession, type Session } from "../../kernel/session/session";
import type { SessionEvent } from "../../kernel/session/protocol";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { type Choices, ProgramWriter } from "./cells-program";

/** One program: its statements, and how many of them each cell takes. */
export interface CellProgram {
  statements: string[];
  cells: number[];
}

/** The random choices that a seed gives (mulberry32). */
export function choicesOf(seed: number): Choices {
  let state = seed | 0;
  return {
    below(n) {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
    },
  };
}

/** The program of a seed, cut into cells at random. */
export function generateCells(seed: number): CellProgram {
  const choices = choicesOf(seed);
  const statements = new ProgramWriter(choices).program(4 + choices.below(12));
  const cells: number[] = [];
  for (let left = statements.length; left > 0; ) {
    const size = Math.min(left, 1 + choices.below(4));
    cells.push(size);
    left -= size;
  }
  return { statements, cells };
}

/** The texts of a program's cells. */
export function textsOf({ statements, cells }: CellProgram): string[] {
  let at = 0;
  return cells.map((size) => {
    at += size;
    return statements.slice(at - size, at).join("\n");
  });
}

const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (console: Pick<Console, "log">) => Promise<void>;

/** What node prints of the program as one text; an error that ends it is the last line. */
export async function runWhole(program: CellProgram): Promise<string> {
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(values.map(String).join(" "));
  const text = program.statements.join("\n");
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };
  const { outputText } = transpileModule(text, { compilerOptions });
  try {
    await new AsyncFunction("console", `"use strict";\n${outputText}`)({ log });
  } catch (error) {
    lines.push(`ended by ${error instanceof Error ? error.message : String(error)}`);
  }
  return lines.join("\n");
}

/** A session that runs one program after the other. */
export class CellRunner {
  private readonly session: Session = startSession();
  private printed = "";
  private count = 0;

  constructor() {
    this.session.on((event: SessionEvent) => {
      if (event.type === "stream") this.printed += event.text;
    });
  }

  /** What the cells print, one after the other; an error that ends one ends the program. */
  async run(program: CellProgram): Promise<string> {
    await this.session.evaluate("%reset -f", ++this.count);
    this.printed = "";
    for (const text of textsOf(program)) {
      const { error } = await this.session.evaluate(text, ++this.count);
      if (error) {
        const what = error.kind === "check" ? `refused: ${error.message}` : `ended by ${error.message}`;
        this.printed += `${what}\n`;
        break;
      }
    }
    return this.printed.trimEnd();
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
