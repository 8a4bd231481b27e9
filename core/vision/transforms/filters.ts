// The weights of resampling: which input elements make an output element, by how much. Pillow's for images and PyTorch's for
// tensors differ in detail, not in form.

import { ArgumentError } from "../../errors";

/** How values between pixels are found. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos";

interface Filter {
  /** Input pixels to each side when nothing is reduced. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys' cubic with the parameter a. */
const cubic = (a: number) => (signed: number) => {
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
};

const FILTERS: { readonly [name in Exclude<Interpolation, "nearest">]: Filter } = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
  },
  bicubic: { support: 2, weight: cubic(-0.5) },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) >= 3 ? 0 : sinc(x) * sinc(x / 3)) },
};

/** One output element: weights of consecutive input elements. */
export interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The filter of an interpolation. Throws ArgumentError for an unknown one. */
export function filterOf(interpolation: Exclude<Interpolation, "nearest">): Filter {
  const filter = FILTERS[interpolation];
  if (filter === undefined) throw new ArgumentError(`unknown interpolation: ${String(interpolation)}`);
  return filter;
}

/** Weights that widen with the reduction, so that no input element is passed over. */
export function smoothTaps(input: number, output: number, { support, weight }: Filter): Tap[] {
  const scale = input / output;
  const spread = Math.max(scale, 1);
  return Array.from({ length: output }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * spread + 0.5));
    const end = Math.min(input, Math.trunc(centre + support * spread + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) => weight((first + k - centre + 0.5) / spread));
    const total = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((value) => value / total) };
  });
}

/** Two or four neighbours of every output element, whatever the reduction: PyTorch's interpolation without antialiasing. */
export function neighbourTaps(input: number, output: number, interpolation: "bilinear" | "bicubic"): Tap[] {
  const scale = input / output;
  const linear = interpolation === "bilinear";
  const weigh = linear ? FILTERS.bilinear.weight : cubic(-0.75);
  const [before, count] = linear ? [0, 2] : [1, 4];
  return Array.from({ length: output }, (_, i) => {
    const exact = scale * (i + 0.5) - 0.5;
    const at = linear ? Math.max(exact, 0) : exact;
    const weights = new Array<number>(input).fill(0);
    for (let k = 0; k < count; k++) {
      const position = Math.floor(at) - before + k;
      weights[Math.min(Math.max(position, 0), input - 1)] += weigh(at - position);
    }
    return { first: 0, weights };
  });
}

/** The input element that "nearest" takes for each output element; `offset` is 0.5 for images and 0 for tensors. */
export function nearestPositions(input: number, output: number, offset: number): number[] {
  return Array.from({ length: output }, (_, i) => Math.min(input - 1, Math.floor(((i + offset) * input) / output)));
}
