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
  /** Counts as 1.23k, 4.56M; a number multiplies them. */
  unitScale: boolean | number;
  /** How many of one prefix are one of the next. */
  unitDivisor: number;
  /** The characters of a bar, from none to a whole one. */
  charset: string;
  /** Colours the filled bar; null: as it is. */
  paint: ((bar: string) => string) | null;
  /** Width of the whole line, or null for a bar of ten characters and the line as long as it needs. */
  ncols: number | null;
}

const DEFAULT_BAR = 10;
/** Eighths of a character, from none to all. */
export const BLOCKS = " ▏▎▍▌▋▊▉█";
/** Tenths of a character, for where only ASCII can be shown. */
export const DIGITS = " 123456789#";

/** Seconds as `MM:SS`, from an hour on `H:MM:SS`. */
export function intervalText(seconds: number): string {
  const whole = Math.trunc(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

/** A count with an SI prefix and three significant digits: `1.50k`. */
export function scaledText(count: number, divisor = 1000): string {
  let value = count;
  for (const prefix of ["", "k", "M", "G", "T", "P", "E", "Z"]) {
    const magnitude = Math.abs(value);
    if (magnitude < 999.5) {
      if (magnitude >= 99.95) return fixedText(value, 0) + prefix;
      return fixedText(value, magnitude < 9.995 ? 2 : 1) + prefix;
    }
    value /= divisor;
  }
  return `${fixedText(value, 1)}Y`;
}

function barText(fraction: number, width: number, charset: string): string {
  const steps = [...charset];
  const parts = steps.length - 1;
  const filled = Math.trunc(fraction * width * parts);
  const full = Math.floor(filled / parts);
  if (full >= width) return steps[parts].repeat(width);
  return steps[parts].repeat(full) + steps[filled % parts] + steps[0].repeat(width - full - 1);
}

function rateText(rate: number | null, meter: Meter): string {
  const text = (value: number | null) => {
    if (value === null || value === 0) return "?";
    return meter.unitScale === true ? scaledText(value) : fixedText(value, 2).padStart(5);
  };
  const inverse = rate === null || rate === 0 ? null : 1 / rate;
  return inverse !== null && inverse > 1 ? `${text(inverse)}s/${meter.unit}` : `${text(rate)}${meter.unit}/s`;
}

/** A line in parts; without a total it has no bar, and all is in `right`. */
export interface MeterParts {
  /** Description and percentage. */
  left: string;
  /** How much is done, from 0 to 1; null when nobody knows. */
  fraction: number | null;
  /** Counts, times and rates. */
  right: string;
}

/** A meter whose counts are multiplied by its scale, where that is a number. */
function multiplied(meter: Meter): Meter {
  const { unitScale: scale } = meter;
  if (typeof scale === "boolean" || scale === 0 || scale === 1) return { ...meter, unitScale: Boolean(scale) };
  const rate = meter.rate ?? (meter.elapsed > 0 ? (meter.n - meter.initial) / meter.elapsed : null);
  const total = meter.total === null ? null : meter.total * scale;
  return { ...meter, n: meter.n * scale, total, rate: rate === null ? null : rate * scale, unitScale: false };
}

/** What a line says, without the bar. */
export function meterParts(given: Meter): MeterParts {
  // More iterations than announced: the announcement was wrong.
  const known = given.total !== null && given.total !== 0 && given.n < given.total + 0.5;
  const meter = multiplied(given);
  const { n, elapsed, initial, unit } = meter;
  const rate = meter.rate ?? (elapsed > 0 ? (n - initial) / elapsed : null);
  const count = (value: number) => (meter.unitScale ? scaledText(value, meter.unitDivisor) : String(value));
  const prefix = meter.desc === "" || meter.desc.endsWith(": ") ? meter.desc : `${meter.desc}: `;
  const speed = rateText(rate, meter) + (meter.postfix === "" ? "" : `, ${meter.postfix}`);
  const spent = intervalText(elapsed);
  if (!known || meter.total === null) {
    return { left: prefix, fraction: null, right: `${count(n)}${unit} [${spent}, ${speed}]` };
  }
  const remaining = rate ? intervalText((meter.total - n) / rate) : "?";
  const fraction = n / meter.total;
  return {
    left: `${prefix}${fixedText(fraction * 100, 0).padStart(3)}%`,
    fraction,
    right: `${count(n)}/${count(meter.total)} [${spent}<${remaining}, ${speed}]`,
  };
}

/** The line of a bar: ` 45%|████▌     | 45/100 [00:01<00:01, 37.50it/s]`. */
export function meterText(meter: Meter): string {
  const { ncols, charset, paint } = meter;
  const { left, fraction, right } = meterParts(meter);
  if (fraction === null) return cut(left + right, ncols);
  if (ncols === 0) return `${left} ${right}`;
  const around = left.length + right.length + 3;
  const width = ncols === null ? DEFAULT_BAR : Math.max(1, ncols - around);
  const bar = barText(fraction, width, charset);
  const fits = ncols === null || around + width <= ncols;
  return fits && paint !== null ? `${left}|${paint(bar)}| ${right}` : cut(`${left}|${bar}| ${right}`, ncols);
}

function cut(line: string, ncols: number | null): string {
  return ncols === null || ncols === 0 ? line : [...line].slice(0, ncols).join("");
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
