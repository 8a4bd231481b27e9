// Attributes that layers of Python have and those here do without: a module that is saved whole brings them, so that Python can run it.

import type * as nn from "../../nn";
import { relu, gelu } from "../../nn/functional/activation";

type Attributes = [name: string, value: unknown][];

interface Convolution extends nn.Module {
  readonly kernelSize: readonly number[];
  readonly padding: readonly number[] | string;
  readonly dilation: readonly number[];
}

/** The padding of each dimension on both sides, the last dimension first. */
function reversedPadding({ kernelSize, padding, dilation }: Convolution): readonly number[] {
  const sides = kernelSize.map((size, d): number[] => {
    if (typeof padding !== "string") return [padding[d], padding[d]];
    const total = padding === "same" ? dilation[d] * (size - 1) : 0;
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  });
  return Object.freeze(sides.reverse().flat());
}

function convolution(transposed: boolean): (module: nn.Module) => Attributes {
  return (module) => [
    ["transposed", transposed],
    ["_reversed_padding_repeated_twice", reversedPadding(module as Convolution)],
  ];
}

function recurrent(mode: string): (module: nn.Module) => Attributes {
  return (module) => {
    const entries = module.namedParameters("", false);
    const names = entries.map(([name]) => name);
    const ending = (name: string) => name.replace(/^(weight|bias)_(ih|hh|hr)/, "");
    const layers = [...new Set(names.map(ending))];
    return [
      ["mode", mode],
      ["_flat_weights_names", names],
      ["_all_weights", layers.map((layer) => names.filter((name) => ending(name) === layer))],
      ["_flat_weights", entries.map(([, parameter]) => parameter)],
    ];
  };
}

function encoderLayer(module: nn.Module): Attributes {
  const { activation } = module as nn.TransformerEncoderLayer;
  return [["activation_relu_or_gelu", activation === relu ? 1 : activation === gelu ? 2 : 0]];
}

function attention(module: nn.Module): Attributes {
  const { kdim, vdim, embedDim } = module as nn.MultiheadAttention;
  return [["_qkv_same_embed_dim", kdim === embedDim && vdim === embedDim]];
}

const TABLE: { readonly [name: string]: (module: nn.Module) => Attributes } = {
  Conv1d: convolution(false),
  Conv2d: convolution(false),
  Conv3d: convolution(false),
  ConvTranspose1d: convolution(true),
  ConvTranspose2d: convolution(true),
  ConvTranspose3d: convolution(true),
  LSTM: recurrent("LSTM"),
  GRU: recurrent("GRU"),
  RNN: (module) => recurrent((module as nn.RNN).nonlinearity === "relu" ? "RNN_RELU" : "RNN_TANH")(module),
  TransformerEncoderLayer: encoderLayer,
  MultiheadAttention: attention,
};

/** What Python's counterpart of a layer of the library has besides. */
export function pythonAttributes(module: nn.Module): Attributes {
  return TABLE[module.constructor.name]?.(module) ?? [];
}
