// Values of earlier cells: `Out`, `_`, `__`, `___` and `_n`, and their sources, `In`. They are a convenience, so they may not cost
// memory that their owner has forgotten: beyond a budget the oldest values go and their text stays, and a value that is not among
// the newest three lets go of its autograd graph. The newest value always stays.

import { totalmem } from "node:os";
import { inspect } from "node:util";
import { type Holdings, HoldingsSum, holdingsOf, totalBytes } from "./holdings";
import { collectGarbage, loadPrelude } from "./library";

/** Values of at most so many cells are kept. */
const MOST_RESULTS = 1000;
/** Bytes of tensors and buffers that results may keep alive together, the newest one aside. */
const MOST_BYTES = Math.min(128 * 2 ** 20, totalmem() / 8);
const LONGEST_NOTE = 1000;
const MEGABYTE = 2 ** 20;

/** Stands in `Out` for a value that was let go. */
export class DroppedResult {
  constructor(
    /** How the value was shown, cut when it is long. */
    readonly text: string,
    private readonly reason: string,
  ) {}

  toString(): string {
    return `${this.text}\n(only this text was kept: ${this.reason})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

interface Kept {
  holdings: Holdings;
  /** How the value was shown, cut when it is long. */
  text: string;
}

export class Results {
  /** Values by cell number. */
  readonly out: Record<number, unknown> = {};
  /** Sources by cell number, those of cells that failed included. */
  readonly inputs: string[] = [""];
  private readonly kept = new Map<number, Kept>();
  /** What all values that are kept hold together. */
  private held = new HoldingsSum();
  /** Bytes let go of since garbage was last collected. */
  private freed = 0;
  /** The cells whose values are `_`, `__` and `___`. */
  private newest: number[] = [];

  /** @param variables where cells find their names */
  constructor(private readonly variables: Record<string, unknown>) {
    this.define();
  }

  /** Remembers the value of a cell; `undefined` and `null` are not values. True when it was kept. */
  add(cell: number, value: unknown, text: string): boolean {
    if (value === undefined || value === null) return false;
    this.out[cell] = value;
    // Counted anew: the number may have been used before, in a session whose executor was replaced.
    this.forget(cell);
    const holdings = holdingsOf(value);
    this.held.add(holdings);
    this.kept.set(cell, { holdings, text: shortened(text) });
    this.newest = [cell, ...this.newest.filter((each) => each !== cell)];
    const past = this.newest[3];
    if (past !== undefined) this.out[past] = withoutGraph(this.out[past]);
    this.newest.length = Math.min(this.newest.length, 3);
    accessor(this.variables, `_${cell}`, () => this.out[cell]);
    this.limit();
    return true;
  }

  /** What the values that are kept hold. */
  get holdings(): Holdings[] {
    return [...this.kept.values()].map(({ holdings }) => holdings);
  }

  /** Lets go of all values; `_`, `Out` and `In` mean the results again. */
  clear(): void {
    for (const cell of Object.keys(this.out)) {
      Reflect.deleteProperty(this.out, cell);
      Reflect.deleteProperty(this.variables, `_${cell}`);
    }
    this.kept.clear();
    this.held = new HoldingsSum();
    this.newest = [];
    this.define();
    collectGarbage();
  }

  private define(): void {
    ["_", "__", "___"].forEach((name, place) => {
      const get = (): unknown => {
        const cell = this.newest[place];
        return cell === undefined ? undefined : this.out[cell];
      };
      accessor(this.variables, name, get);
    });
    accessor(this.variables, "Out", () => this.out);
    accessor(this.variables, "In", () => this.inputs);
  }

  private limit(): void {
    const [newest] = this.newest;
    for (const cell of this.kept.keys()) {
      if (this.kept.size <= MOST_RESULTS) break;
      this.drop(cell, `results of ${MOST_RESULTS} cells are kept`);
    }
    const own = this.kept.get(newest)?.holdings ?? new Map();
    const heavy = (): number => this.held.bytes - this.held.onlyIn(own);
    const reason = `old results may hold ${Math.round(MOST_BYTES / MEGABYTE)} MB together; variables hold values for good`;
    for (const [cell, { holdings }] of this.kept) {
      if (heavy() <= MOST_BYTES) break;
      if (cell !== newest && holdings.size > 0) this.drop(cell, reason);
    }
    // Values that have lived through some cells are old to the collector, which looks at old objects rarely.
    if (this.freed < MOST_BYTES) return;
    this.freed = 0;
    collectGarbage();
  }

  private drop(cell: number, reason: string): void {
    const { text, holdings } = this.kept.get(cell) as Kept;
    this.freed += totalBytes([holdings]);
    this.out[cell] = new DroppedResult(text, reason);
    this.forget(cell);
  }

  private forget(cell: number): void {
    const before = this.kept.get(cell);
    if (before === undefined) return;
    this.held.remove(before.holdings);
    this.kept.delete(cell);
  }
}

/** The beginning of a long text, as a string of its own: a slice would keep the whole text in memory. */
function shortened(text: string): string {
  if (text.length <= LONGEST_NOTE) return text;
  return `${Buffer.from(text.slice(0, LONGEST_NOTE), "utf16le").toString("utf16le")} …`;
}

/** A name that its user may take over by assigning to it. */
function accessor(variables: Record<string, unknown>, name: string, get: () => unknown): void {
  const set = (value: unknown): void => {
    Object.defineProperty(variables, name, { value, writable: true, configurable: true, enumerable: true });
  };
  Object.defineProperty(variables, name, { get, set, configurable: true, enumerable: false });
}

function withoutGraph(value: unknown): unknown {
  const { torch } = loadPrelude();
  return value instanceof torch.Tensor && value._state?.node ? value.detach() : value;
}
