// The ways to call `scatter` and `scatter_`: a tensor or one value, and how it meets what is there.

import { overloaded } from "../../arguments/signed";
import type { Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import type { Write } from "../shared/write";
import { scatterWrite } from "./scatter-write";

/** What `scatter` takes by name. */
export interface ScatterOptions {
  dim: number;
  index: Tensor;
  /** What to write: a tensor. */
  src?: Tensor;
  /** One value to write, instead of `src`. */
  value?: Scalar;
  /** "add" or "multiply" instead of replacing; "multiply" is not differentiable. */
  reduce?: "add" | "multiply";
}

type Behind<K extends keyof ScatterOptions> = Omit<ScatterOptions, K>;

/** The ways to call `scatter`. */
export interface Scatter {
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor | Scalar | Behind<"dim" | "index">,
    options?: Pick<ScatterOptions, "reduce">,
  ): Tensor;
  (input: Tensor, dim: number, options: Behind<"dim">): Tensor;
  (input: Tensor, options: ScatterOptions): Tensor;
  (options: ScatterOptions & { input: Tensor }): Tensor;
}

/** `scatter` or its form in place; `write` makes the result. */
export function scattering(name: string, write: (input: Tensor, what: Write) => Tensor): Scatter {
  const run = (
    input: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor | Scalar,
    reduce?: ScatterOptions["reduce"],
  ): Tensor => write(input, scatterWrite(input, dim, index, source, reduce));
  return overloaded<Scatter>(
    [`${name}(Tensor input, int dim, Tensor index, Tensor src, *, str reduce=None)`, run],
    [`${name}(Tensor input, int dim, Tensor index, Number value, *, str reduce=None)`, run],
  );
}
