// Functions of one's own (`torch.autograd.Function`) in regions of autocast. Source: torch.cuda.amp.custom_fwd and custom_bwd.

import type { DType } from "../tensor/dtype";
import { float64 } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { openRegion } from "./casts";
import { type AutocastDevice, type AutocastMode, clearAutocastCache, modes } from "./state";

/** A `forward` or `backward`: the context comes first. */
type Method = (context: object, ...args: unknown[]) => unknown;

/** Wraps a static method, as a function or as a decorator of either kind. */
export interface Wrapper {
  <F>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<F>): void;
  <A extends unknown[], R>(method: (...args: A) => R, context?: unknown): (...args: A) => R;
}

/** Options of `customFwd`. */
export interface CustomForwardOptions {
  /** In a region floating tensors are cast to this dtype, and the function runs outside of autocast. Default: neither. */
  castInputs?: DType | null;
}

/** The mode in which a function's forward ran, by its context: its backward runs in the same. */
const ranIn = new WeakMap<object, AutocastMode>();

/** The arguments with floating tensors in a dtype, in lists and plain objects too; float64 stays. */
function cast(value: unknown, dtype: DType): unknown {
  if (value instanceof Tensor) return value.dtype.isFloatingPoint && value.dtype !== float64 ? value.to(dtype) : value;
  if (Array.isArray(value)) return value.map((each) => cast(each, dtype));
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cast(each, dtype)]));
  return value;
}

function wrapper(wrap: (method: Method) => Method): Wrapper {
  return ((method: unknown, _context?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor === undefined) return wrap(method as Method);
    descriptor.value = wrap(descriptor.value);
    return undefined;
  }) as Wrapper;
}

function forward(device: AutocastDevice, castInputs: DType | null): Wrapper {
  const scope = modes[device];
  return wrapper(
    (method) =>
      function (this: unknown, context, ...args) {
        const mode = scope.value;
        const inside = castInputs !== null && mode.enabled;
        ranIn.set(context, castInputs === null ? mode : { ...mode, enabled: false });
        if (!inside) return method.call(this, context, ...args);
        const given = args.map((value) => cast(value, castInputs));
        return scope.whileSync({ ...mode, enabled: false }, () => method.call(this, context, ...given));
      },
  );
}

export interface CustomForward extends Wrapper {
  (options: CustomForwardOptions): Wrapper;
}

/** `customFwd` of a device: a decorator itself, and with options what gives one. */
export function customForwardOn(device: AutocastDevice): CustomForward {
  const plain = forward(device, null);
  return ((first: unknown, ...rest: unknown[]) => {
    const isOptions = typeof first === "object" && first !== null && rest.length === 0;
    return isOptions
      ? forward(device, (first as CustomForwardOptions).castInputs ?? null)
      : (plain as (...args: unknown[]) => unknown)(first, ...rest);
  }) as CustomForward;
}

/** `customBwd` of a device: the backward runs in the mode that its forward ran in. */
export function customBackwardOn(device: AutocastDevice): Wrapper {
  const scope = modes[device];
  return wrapper(
    (method) =>
      function (this: unknown, context, ...args) {
        const mode = ranIn.get(context) ?? scope.value;
        const close = openRegion(clearAutocastCache);
        try {
          return scope.whileSync(mode, () => method.call(this, context, ...args));
        } finally {
          close();
        }
      },
  );
}
