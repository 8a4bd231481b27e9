// Parameters and buffers whose sizes are not known yet: those of lazy modules before their first call.

import { ArgumentError, CressetError } from "../errors";
import { inspectSymbol } from "../inspect";
import { type CreateOptions, empty } from "../ops/create/create";
import { snakeCase } from "../tensor/python-text";
import { Parameter, Tensor } from "../tensor/tensor";

/** Methods that need no sizes. */
const ALLOWED: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  ..."constructor size copy_ isFloatingPoint half float double bfloat16 char short int long cuda cpu to type".split(
    " ",
  ),
  ..."getDevice detach alias become state requiresGrad_".split(" "),
]);

/** Places of methods that Tensor has and that need sizes, as functions that throw. */
function refusals(): PropertyDescriptorMap {
  const found: { [name: string]: PropertyDescriptor } = {};
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype))) {
    if (typeof value !== "function" || ALLOWED.has(name)) continue;
    found[name] = {
      configurable: true,
      value: () => {
        throw new ArgumentError(
          `Attempted to use an uninitialized parameter in <method '${snakeCase(name)}' of 'torch._C._TensorBase' objects>. This error happens when you are using a \`LazyModule\` or explicitly manipulating \`torch.nn.parameter.UninitializedParameter\` objects. When using LazyModules Call \`forward\` with a dummy batch to initialize the parameters before calling torch functions`,
        );
      },
    };
  }
  const text: PropertyDescriptor = {
    configurable: true,
    value(this: object) {
      return `<${this.constructor.name}>`;
    },
  };
  const shape: PropertyDescriptor = {
    configurable: true,
    get() {
      throw new CressetError(
        "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.",
      );
    },
  };
  return { ...found, shape, toString: text, [inspectSymbol]: text };
}

/** Gives a class its refusals, when its first tensor is made: nothing is done when the library loads. */
function refuse(prototype: object): void {
  if (!Object.hasOwn(prototype, "shape")) Object.defineProperties(prototype, refusals());
}

/** Gives an uninitialized tensor its sizes, and makes it a tensor like any other. */
function materialized(tensor: Tensor, shape: readonly number[], given: CreateOptions, becomes: object): void {
  const { device, dtype } = tensor;
  Object.setPrototypeOf(tensor, becomes);
  tensor.data = empty(shape, { device: given.device ?? device, dtype: given.dtype ?? dtype });
}

/**
 * A parameter that has no sizes until `materialize` gives it some. Most methods throw ArgumentError before that. Options: `dtype`,
 * `device`, `requiresGrad` (true). Source: torch.nn.parameter.UninitializedParameter.
 */
export class UninitializedParameter extends Parameter {
  constructor(
    options: { requiresGrad?: boolean; device?: CreateOptions["device"]; dtype?: CreateOptions["dtype"] } = {},
  ) {
    super(empty([0], { device: options.device, dtype: options.dtype }), options.requiresGrad ?? true);
    refuse(UninitializedParameter.prototype);
  }

  /** Gives the parameter sizes, with undefined contents, in place. It is a Parameter from then on. */
  materialize(shape: readonly number[], options: CreateOptions = {}): void {
    materialized(this, shape, options, Parameter.prototype);
  }

  /** @internal */
  __deepcopy__(): UninitializedParameter {
    const { requiresGrad, device, dtype } = this;
    return new UninitializedParameter({ requiresGrad, device, dtype });
  }
}

/**
 * A buffer that has no sizes until `materialize` gives it some; see UninitializedParameter. Source:
 * torch.nn.parameter.UninitializedBuffer.
 */
export class UninitializedBuffer extends Tensor {
  constructor(options: { device?: CreateOptions["device"]; dtype?: CreateOptions["dtype"] } = {}) {
    const { storage, sizes, strides, offset, dtype } = empty([0], options);
    super(storage, sizes, strides, offset, dtype);
    refuse(UninitializedBuffer.prototype);
  }

  /** Gives the buffer sizes, with undefined contents, in place. It is a Tensor from then on. */
  materialize(shape: readonly number[], options: CreateOptions = {}): void {
    materialized(this, shape, options, Tensor.prototype);
  }

  /** @internal */
  __deepcopy__(): UninitializedBuffer {
    const { device, dtype } = this;
    return new UninitializedBuffer({ device, dtype });
  }
}

/** Whether a tensor has no sizes yet. */
export function isUninitialized(tensor: unknown): tensor is UninitializedParameter | UninitializedBuffer {
  return tensor instanceof UninitializedParameter || tensor instanceof UninitializedBuffer;
}
