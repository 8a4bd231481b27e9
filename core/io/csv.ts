// torch.csv: tables of text (CSV, TSV) as columns and tensors. The parsing is csv-parse's.

import type * as csvParse from "csv-parse/sync";
import { ArgumentError, FormatError, IndexError } from "../errors";
import { tensor } from "../ops/create/create";
import { type DType, float32, int64 } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";
import { type FileSource, openSource } from "./source";

/** How a table is written. */
export interface CsvOptions {
  /** What separates fields. Default: a tab for files called `.tsv`, else a comma. */
  delimiter?: string;
  /** Whether the first row has the names of the columns. Default true; without names, columns are called 0, 1, 2… */
  header?: boolean;
  /** What begins a line that is left out. Default: nothing does. */
  comment?: string;
}

/** Rows of texts under named columns. */
export class Table implements Iterable<readonly string[]> {
  /** @internal */
  constructor(
    /** The names of the columns, in order. */
    readonly names: readonly string[],
    /** The rows, each a text per column. */
    readonly rows: readonly (readonly string[])[],
  ) {}

  /** How many rows there are. */
  get length(): number {
    return this.rows.length;
  }

  [Symbol.iterator](): Iterator<readonly string[]> {
    return this.rows.values();
  }

  private place(name: string): number {
    const at = this.names.indexOf(name);
    if (at < 0) throw new IndexError(`the table has no column '${name}'; its columns are ${this.names.join(", ")}`);
    return at;
  }

  /** The texts of a column. Throws IndexError for a name that is none. */
  column(name: string): string[] {
    const at = this.place(name);
    return this.rows.map((row) => row[at]);
  }

  /**
   * The numbers of columns, all of them by default, as a tensor of (rows, columns); a single name gives (rows). An empty field is
   * NaN. Options: `dtype` (float32). Throws FormatError for a field that is no number, and IndexError for a name that is none.
   */
  tensor(columns: string | readonly string[] = this.names, options: { dtype?: DType } = {}): Tensor {
    const { dtype = float32 } = options;
    const places = (typeof columns === "string" ? [columns] : columns).map((name) => this.place(name));
    const numbers = this.rows.map((row, k) => places.map((at) => this.number(row[at], k, at, dtype)));
    if (typeof columns === "string") return tensor(numbers.flat(), { dtype });
    return tensor(numbers.flat(), { dtype }).reshape([this.rows.length, places.length]);
  }

  private number(text: string, row: number, column: number, dtype: DType): number | bigint {
    const trimmed = text.trim();
    if (trimmed === "" && dtype.isFloatingPoint) return Number.NaN;
    if (dtype === int64 && /^[+-]?\d+$/.test(trimmed)) return BigInt(trimmed);
    const value = /^nan$/i.test(trimmed) ? Number.NaN : Number(trimmed.replace(/^([+-]?)inf(inity)?$/i, "$1Infinity"));
    const fits = trimmed !== "" && (dtype.isFloatingPoint || Number.isInteger(value));
    if (!fits || (Number.isNaN(value) && !/^nan$/i.test(trimmed))) {
      throw new FormatError(`row ${row + 1}, column '${this.names[column]}': '${text}' is no number of ${dtype}`);
    }
    return value;
  }
}

/**
 * The table that a text holds: fields in quotes may have separators, quotes (doubled) and line ends. Throws FormatError for rows of
 * different lengths and for quotes that do not close.
 */
export function parse(text: string, options: CsvOptions = {}): Table {
  const { delimiter = ",", header = true, comment } = options;
  for (const name of Object.keys(options)) {
    if (!["delimiter", "header", "comment"].includes(name)) {
      throw new ArgumentError(`parse() got an unexpected keyword argument '${name}'`);
    }
  }
  // Loaded when a first table is read.
  const { CsvError, parse: parseText } = require("csv-parse/sync") as typeof csvParse;
  let rows: string[][];
  try {
    rows = parseText(text, {
      bom: true,
      delimiter,
      skip_empty_lines: true,
      ...(comment === undefined ? {} : { comment }),
    });
  } catch (error) {
    if (error instanceof CsvError) throw new FormatError(error.message);
    throw error;
  }
  const names = header ? (rows.shift() ?? []) : (rows[0] ?? []).map((_, at) => String(at));
  if (new Set(names).size !== names.length) throw new FormatError("two columns of the table have one name");
  return new Table(names, rows);
}

/** The table that a file holds; see `parse`. */
export function read(file: FileSource, options: CsvOptions = {}): Table {
  const source = openSource(file);
  try {
    const text = new TextDecoder().decode(source.bytes(0, source.size));
    const tabs = (typeof file === "string" || file instanceof URL) && /\.tsv$/i.test(String(file));
    return parse(text, { delimiter: tabs ? "\t" : ",", ...options });
  } finally {
    source.close();
  }
}
