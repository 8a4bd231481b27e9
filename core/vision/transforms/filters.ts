// The weights of resampling: which input elements make an output element, by how much. Those of tensors; the backend has
// Pillow's for images.

/** How values between pixels are found. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos";

interface Filter {
  /** Input pixels to each side when nothing is reduced. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

/** Keys' cubic with the parameter a. */
const cubic = (a: number) => (signed: number) => {
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
};

/** The filters of tensors; images are resized by the backend, which has them all. */
const FILTERS = {
  bilinear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic(-0.5) },
} satisfies { readonly [name in Interpolation]?: Filter };

/** One output element: weights of consecutive input elements. */
export interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The filter of an interpolation. */
export function filterOf(interpolation: keyof typeof FILTERS): Filter {
  return FILTERS[interpolation];
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

/** The input pixel that "nearest" takes of an image for each output pixel. Pillow walks in steps, whose rounding errors add up. */
export function nearestPixels(input: number, output: number): number[] {
  const step = input / output;
  const positions = new Array<number>(output);
  for (let i = 0, at = step / 2; i < output; i++, at += step) positions[i] = Math.min(input - 1, Math.floor(at));
  return positions;
}

/** The input element that "nearest" takes of a tensor for each output element, by PyTorch's scale in float32. */
export function nearestElements(input: number, output: number): number[] {
  const scale = Math.fround(input / output);
  return Array.from({ length: output }, (_, i) => Math.min(input - 1, Math.floor(Math.fround(i * scale))));
}
