// The text of a progress bar, character for character as Python's tqdm writes it (its format_meter, format_interval, format_sizeof).

import { exponentialText, fixedText } from "../tensor/print-decimal";
import { pythonText } from "../tensor/python-text";

/** What a bar shows. */
export interface Meter {
  /** Iterations done. */
  n: number;
  /** Iterations expected, or null when unknown. */
  total: number | null;
  /** Seconds since the start. */
  elapsed: number;
  /** Iterations per second, smoothed; null: the mean since the start. */
  rate: number | null;
  /** Iterations done before the start. */
  initial: number;
  desc: string;
  /** Behind the rate: `loss=0.3`. */
  postfix: string;
  unit: string;
  /** Counts as 1.23k, 4.56M. */
  unitScale: boolean;
  /** Width of the whole line, or null for a bar of ten characters and the line as long as it needs. */
  ncols: number | null;
}

const DEFAULT_BAR = 10;
/** Eighths of a character, from none to all. */
const BLOCKS = [..." ▏▎▍▌▋▊▉█"];
const FULL = BLOCKS.length - 1;

/** Seconds as `MM:SS`, from an hour on `H:MM:SS`. */
export function intervalText(seconds: number): string {
  const whole = Math.trunc(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

/** A count with an SI prefix and three significant digits: `1.50k`. */
export function scaledText(count: number): string {
  let value = count;
  for (const prefix of ["", "k", "M", "G", "T", "P", "E", "Z"]) {
    const magnitude = Math.abs(value);
    if (magnitude < 999.5) {
      if (magnitude >= 99.95) return fixedText(value, 0) + prefix;
      return fixedText(value, magnitude < 9.995 ? 2 : 1) + prefix;
    }
    value /= 1000;
  }
  return `${fixedText(value, 1)}Y`;
}

function barText(fraction: number, width: number): string {
  const eighths = Math.trunc(fraction * width * FULL);
  const full = Math.floor(eighths / FULL);
  if (full >= width) return BLOCKS[FULL].repeat(width);
  return BLOCKS[FULL].repeat(full) + BLOCKS[eighths % FULL] + BLOCKS[0].repeat(width - full - 1);
}

function rateText(rate: number | null, meter: Meter): string {
  const text = (value: number | null) => {
    if (value === null || value === 0) return "?";
    return meter.unitScale ? scaledText(value) : fixedText(value, 2).padStart(5);
  };
  const inverse = rate === null || rate === 0 ? null : 1 / rate;
  return inverse !== null && inverse > 1 ? `${text(inverse)}s/${meter.unit}` : `${text(rate)}${meter.unit}/s`;
}

/** The line of a bar: ` 45%|████▌     | 45/100 [00:01<00:01, 37.50it/s]`. */
export function meterText(meter: Meter): string {
  const { n, elapsed, initial, unit } = meter;
  // More iterations than announced: the announcement was wrong.
  const total = meter.total !== null && meter.total !== 0 && n >= meter.total + 0.5 ? null : meter.total;
  const rate = meter.rate ?? (elapsed > 0 ? (n - initial) / elapsed : null);
  const count = (value: number) => (meter.unitScale ? scaledText(value) : String(value));
  const prefix = meter.desc === "" || meter.desc.endsWith(": ") ? meter.desc : `${meter.desc}: `;
  const speed = rateText(rate, meter) + (meter.postfix === "" ? "" : `, ${meter.postfix}`);
  const spent = intervalText(elapsed);
  if (total === null || total === 0) return cut(`${prefix}${count(n)}${unit} [${spent}, ${speed}]`, meter.ncols);
  const remaining = rate ? intervalText((total - n) / rate) : "?";
  const fraction = n / total;
  const left = `${prefix}${fixedText(fraction * 100, 0).padStart(3)}%|`;
  const right = `| ${count(n)}/${count(total)} [${spent}<${remaining}, ${speed}]`;
  const width = meter.ncols === null ? DEFAULT_BAR : Math.max(1, meter.ncols - left.length - right.length);
  return cut(left + barText(fraction, width) + right, meter.ncols);
}

function cut(line: string, ncols: number | null): string {
  return ncols === null ? line : [...line].slice(0, ncols).join("");
}

/** `%.3g`, as C writes it. */
function threeDigits(x: number): string {
  if (x === 0 || !Number.isFinite(x)) return fixedText(x, 0);
  const scientific = exponentialText(x, 2);
  const [mantissa, tail] = scientific.split("e");
  const exponent = Number(tail);
  const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  return exponent < -4 || exponent >= 3 ? `${trim(mantissa)}e${tail}` : trim(fixedText(x, 2 - exponent));
}

/** A number behind a bar: three significant digits, or Python's text where that is not longer. */
export function postfixNumber(x: number): string {
  const short = threeDigits(x).replace("e+0", "e+").replace("e-0", "e-");
  const text = pythonText(x);
  return short.length < text.length ? short : text;
}
