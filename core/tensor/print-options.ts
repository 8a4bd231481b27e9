// The print options of the process, shared by every tensor's text (torch/_tensor_str.py's PRINT_OPTS).

import { ArgumentError } from "../errors";

/** How tensors print. */
export interface PrintOptions {
  /** Digits after the point of floating values. */
  precision: number;
  /** A tensor with more elements is summarised. */
  threshold: number;
  /** Elements shown at both ends of a dimension of a summarised tensor. */
  edgeitems: number;
  /** Characters per line. */
  linewidth: number;
  /** Scientific notation always (true), never (false), or as the values ask for (null). */
  sciMode: boolean | null;
}

type Profile = Omit<PrintOptions, "sciMode">;

const profiles = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
} satisfies Record<string, Profile>;

/** Named sets of print options. */
export type PrintProfile = keyof typeof profiles;

const current: PrintOptions = { ...profiles.default, sciMode: null };

function check(name: keyof Profile, value: number): void {
  const whole = Number.isInteger(value) || (name === "threshold" && value === Number.POSITIVE_INFINITY);
  if (!whole || value < 0)
    throw new ArgumentError(`set_printoptions(): ${name} must be a non-negative integer, got ${value}`);
}

/** What `torch.setPrintoptions` does. Throws ArgumentError for an unknown profile or a value that is not a non-negative integer. */
export function setPrintoptions(options: Partial<PrintOptions> & { profile?: PrintProfile } = {}): void {
  const { profile, sciMode, ...rest } = options;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw new ArgumentError(`set_printoptions(): unknown profile '${profile}' (default, short, full)`);
  }
  const next: Profile = { ...(profile ? profiles[profile] : current) };
  for (const name of Object.keys(profiles.default) as (keyof Profile)[]) {
    const value = rest[name];
    if (value === undefined) continue;
    check(name, value);
    next[name] = value;
  }
  Object.assign(current, next, { sciMode: sciMode ?? null });
}

/** The options in force. */
export function printOptions(): Readonly<PrintOptions> {
  return current;
}
