// Random programs cut into cells, beside node on the same text.

import { createRequire } from "node:module";
import { startSession, type Session } from "../../kernel/session/session";
import type { SessionEvent } from "../../kernel/session/protocol";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { ProgramWriter } from "./cells-program";
import type { Kind, Tally } from "./kind";
import { Random } from "./random";

/** One program: its statements, and how many of them each cell takes. */
export interface CellProgram {
  statements: string[];
  cells: number[];
}

/** The program of a seed, cut into cells at random. */
export function generateCells(seed: number): CellProgram {
  const choices = new Random(seed);
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
) => (console: Pick<Console, "log">, load: NodeJS.Require) => Promise<void>;

const load = createRequire(__filename);

/** An import of the program's as a call, which may stand in a function. */
function withoutImport(statement: string): string {
  return statement.replace(/^import (?:\* as )?(.+) from ("[\w:]+");$/, (_, clause: string, from: string) => {
    return `const ${clause.replaceAll(" as ", ": ")} = load(${from});`;
  });
}

/** What node prints of the program as one text; an error that ends it is the last line. */
export async function runWhole(program: CellProgram): Promise<string> {
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(values.map(String).join(" "));
  const text = program.statements.map(withoutImport).join("\n");
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };
  const { outputText } = transpileModule(text, { compilerOptions });
  try {
    await new AsyncFunction("console", "load", `"use strict";\n${outputText}`)({ log }, load);
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
  async run(texts: readonly string[]): Promise<string> {
    await this.session.evaluate("%reset -f", ++this.count);
    this.printed = "";
    for (const text of texts) {
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

/** Programs cut into cells, beside node on the whole text. */
export class CellPrograms implements Kind {
  private readonly runner = new CellRunner();

  async compare(seed: number, count: number, tally: Tally): Promise<void> {
    for (let k = 0; k < count; k++) {
      const program = generateCells(seed + k);
      if (await this.differs(program)) {
        const short = await this.shortened(program);
        const [whole, cells] = [await runWhole(short), await this.runner.run(textsOf(short))];
        const report = [`cells: ${cells}`, `node:  ${whole}`, textsOf(short).join("\n%%\n")].join("\n");
        tally.failures.push({ seed: seed + k, cause: report, report });
      }
      tally.programs++;
    }
  }

  close(): Promise<void> {
    return this.runner.close();
  }

  private async differs(program: CellProgram): Promise<boolean> {
    return (await runWhole(program)) !== (await this.runner.run(textsOf(program)));
  }

  /** Leaves out statements as long as the rest runs and still differs. */
  private async shortened(program: CellProgram): Promise<CellProgram> {
    let current = program;
    for (let k = current.statements.length - 1; k >= 0; k--) {
      const shorter = without(current, k);
      if (/ended by|refused/.test(await runWhole(shorter))) continue;
      const cells = await this.runner.run(textsOf(shorter));
      if (!cells.includes("refused") && cells !== (await runWhole(shorter))) current = shorter;
    }
    return current;
  }
}

/** A program without its statement number `k`. */
function without({ statements, cells }: CellProgram, k: number): CellProgram {
  let end = 0;
  const sizes = cells.map((size) => {
    const holds = k >= end && k < end + size;
    end += size;
    return holds ? size - 1 : size;
  });
  return { statements: statements.filter((_, j) => j !== k), cells: sizes.filter((size) => size > 0) };
}
