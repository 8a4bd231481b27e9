// Where and as what the parameters of a layer are made: the last arguments of most constructors.

import { type CreateOptions, empty } from "../ops/create/create";
import { Parameter } from "../tensor/tensor";

/** Where and as what the parameters of a layer are made. */
export type FactoryOptions = Pick<CreateOptions, "dtype" | "device">;

/** `FactoryOptions` as signatures have them, behind everything else. */
export const FACTORY = "Device? device=None, Dtype? dtype=None";

/** The values of `FactoryOptions` in order. */
export type Factory = [device?: CreateOptions["device"], dtype?: CreateOptions["dtype"]];

/** A parameter with undefined contents. */
export function emptyParameter(sizes: readonly number[], { dtype, device }: FactoryOptions): Parameter {
  return new Parameter(empty(sizes, { dtype, device }));
}
