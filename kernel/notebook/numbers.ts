// When two texts say the same: word for word, with numbers that may differ a little, times that always do, and the blanks that
// align numbers in columns.

/** A number that is no part of a name or of a version. */
const numberForm = /(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g;
/** A progress bar's clock and rate: `[00:01<00:03, 93.1it/s`, in HTML with `&lt;`. */
const clock = /\[(?:\d+:)?\d+:\d\d(?:(?:<|&lt;)(?:[\d:]+|\?))?,\s*[\d.?]+\S*?\/\w+/g;
const duration = /(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?\s?(?:ns|µs|μs|us|ms|s|secs?|seconds?|min|minutes?)\b/g;
const durations = /<time>(?:,? <time>)+/g;
const loops = /\b\d[\d,]* loops?\b/g;

/** Whether a line is a progress bar. */
export function isProgressBar(line: string): boolean {
  return line.search(clock) >= 0;
}

/** Whether two lines say the same, with numbers within `tolerance`. */
export function sameLine(a: string, b: string, tolerance: number): boolean {
  if (a === b) return true;
  const [left, right] = [withoutTimes(a), withoutTimes(b)];
  const [leftNumbers, rightNumbers] = [left, right].map((text) => text.match(numberForm) ?? []);
  if (leftNumbers.length !== rightNumbers.length) return false;
  const [leftWords, rightWords] = [left, right].map((text) => text.split(numberForm).map((words) => words.trimEnd()));
  return (
    leftWords.every((words, i) => words === rightWords[i]) &&
    leftNumbers.every((number, i) => sameNumber(number, rightNumbers[i], tolerance))
  );
}

/**
 * Whether two printed numbers are the same within the relative `tolerance`. Whole numbers must be equal. The last digit printed may
 * differ by one where it is worth no more than `tolerance`, since there rounding decides.
 */
export function sameNumber(a: string, b: string, tolerance: number): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (x === y) return true;
  if (isWhole(a) && isWhole(b)) return false;
  const unit = Math.max(lastDigit(a), lastDigit(b));
  const rounding = unit <= tolerance ? unit : 0;
  return Math.abs(x - y) <= Math.max(tolerance * Math.max(Math.abs(x), Math.abs(y)), rounding) * (1 + 1e-9);
}

function withoutTimes(line: string): string {
  return line
    .replace(clock, "[<time>")
    .replace(duration, "<time>")
    .replace(durations, "<time>")
    .replace(loops, "<loops>");
}

function isWhole(number: string): boolean {
  return /^[-+]?\d+$/.test(number);
}

/** What one step of the last digit is worth. */
function lastDigit(number: string): number {
  const [mantissa, exponent = "0"] = number.toLowerCase().split("e");
  const decimals = mantissa.split(".")[1]?.length ?? 0;
  return 10 ** (Number(exponent) - decimals);
}
