// Transformer layers one after another, and encoder and decoder together.

import { ShapeError } from "../errors";
import { type Arguments, read } from "../arguments/arguments";
import { full } from "../ops/create/create";
import { triu } from "../ops/matrix/linalg";
import type { Tensor } from "../tensor/tensor";
import { ModuleList } from "./containers";
import { deepcopy } from "./deepcopy";
import { xavierUniform_ } from "./init";
import { Module } from "./module";
import { LayerNorm } from "./norm";
import {
  DECODER,
  type DecoderArguments,
  type DecoderCall,
  type EncoderCall,
  type FeedForwardActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layer";

/** What the constructors of TransformerEncoder and TransformerDecoder take by name after the layer. */
interface StackOptions {
  /** How many copies of the layer there are. */
  numLayers?: number;
  /** Runs at the end. Default none. */
  norm?: Module | null;
}

/** What TransformerEncoder takes by name after the layer. */
interface EncoderOptions extends StackOptions {
  /** No effect: padded positions are computed like others. */
  enableNestedTensor?: boolean;
}

/** Copies of a layer, which all start equal, one after another; `norm` comes last. */
abstract class LayerStack<Layer extends Module> extends Module {
  readonly layers: ModuleList<Layer>;
  readonly numLayers: number;
  readonly norm: Module | null;

  constructor(layer: Layer, { numLayers = 0, norm = null }: StackOptions) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => deepcopy(layer)));
    this.numLayers = numLayers;
    this.norm = norm;
  }
}

/** Encoder layers one after another; `norm` comes last. Source: torch.nn.TransformerEncoder. */
export class TransformerEncoder extends LayerStack<TransformerEncoderLayer> {
  constructor(
    encoderLayer: TransformerEncoderLayer,
    ...args: Arguments<[numLayers: number, norm?: Module | null, enableNestedTensor?: boolean], EncoderOptions>
  ) {
    super(
      encoderLayer,
      read<EncoderOptions>("TransformerEncoder", args, ["numLayers", "norm", "enableNestedTensor"], [], 1),
    );
  }

  override forward(
    src: Tensor,
    ...args: Arguments<
      [mask?: Tensor | null, srcKeyPaddingMask?: Tensor | null],
      { mask?: Tensor | null; srcKeyPaddingMask?: Tensor | null }
    >
  ): Tensor {
    const { mask, srcKeyPaddingMask } = read<{ mask?: Tensor | null; srcKeyPaddingMask?: Tensor | null }>(
      "forward",
      args,
      ["mask", "srcKeyPaddingMask"],
    );
    let x = src;
    for (const layer of this.layers) x = layer(x, { srcMask: mask, srcKeyPaddingMask });
    return this.norm === null ? x : this.norm(x);
  }
}

/** Decoder layers one after another; `norm` comes last. Source: torch.nn.TransformerDecoder. */
export class TransformerDecoder extends LayerStack<TransformerDecoderLayer> {
  constructor(
    decoderLayer: TransformerDecoderLayer,
    ...args: Arguments<[numLayers: number, norm?: Module | null], StackOptions>
  ) {
    super(decoderLayer, read<StackOptions>("TransformerDecoder", args, ["numLayers", "norm"], [], 1));
  }

  override forward(tgt: Tensor, memory: Tensor, ...args: DecoderArguments): Tensor {
    const masks = read<DecoderCall>("forward", args, DECODER);
    let x = tgt;
    for (const layer of this.layers) x = layer(x, memory, masks);
    return this.norm === null ? x : this.norm(x);
  }
}

/** What Transformer takes by name. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Default 6. */
  numEncoderLayers?: number;
  /** Default 6. */
  numDecoderLayers?: number;
  customEncoder?: Module | null;
  customDecoder?: Module | null;
}

/** Masks of a transformer's call. */
export interface TransformerCall extends EncoderCall, DecoderCall {}

/** Encoder and decoder. Options: see TransformerOptions. Source: torch.nn.Transformer. */
export class Transformer extends Module {
  readonly encoder: Module;
  readonly decoder: Module;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(
    ...args: Arguments<
      [
        dModel?: number,
        nhead?: number,
        numEncoderLayers?: number,
        numDecoderLayers?: number,
        dimFeedforward?: number,
        dropout?: number,
        activation?: FeedForwardActivation,
        customEncoder?: Module | null,
        customDecoder?: Module | null,
        layerNormEps?: number,
        batchFirst?: boolean,
        normFirst?: boolean,
      ],
      TransformerOptions
    >
  ) {
    super();
    const given = read<TransformerOptions>(
      "Transformer",
      args,
      [
        "dModel",
        "nhead",
        "numEncoderLayers",
        "numDecoderLayers",
        "dimFeedforward",
        "dropout",
        "activation",
        "customEncoder",
        "customDecoder",
        "layerNormEps",
        "batchFirst",
        "normFirst",
      ],
      ["dtype", "device"],
    );
    const { numEncoderLayers = 6, numDecoderLayers = 6, customEncoder, customDecoder, ...rest } = given;
    const { dModel = 512, nhead = 8, ...settings } = rest;
    const norm = () => new LayerNorm(dModel, { eps: rest.layerNormEps, dtype: rest.dtype, device: rest.device });
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, settings), numEncoderLayers, norm());
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, settings), numDecoderLayers, norm());
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = rest.batchFirst ?? false;
  }

  /** Sources and targets (T, B, dModel), or (B, T, dModel) with `batchFirst`; masks by name. */
  override forward(src: Tensor, tgt: Tensor, masks: TransformerCall & { memoryMask?: Tensor | null } = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, ...others } = masks;
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.sizes[batch] !== tgt.sizes[batch]) {
      throw new ShapeError("the batch number of src and tgt must be equal");
    }
    if (src.sizes[src.ndim - 1] !== this.dModel || tgt.sizes[tgt.ndim - 1] !== this.dModel) {
      throw new ShapeError("the feature number of src and tgt must be equal to d_model");
    }
    const memory: Tensor = this.encoder(src, { mask: srcMask, srcKeyPaddingMask });
    return this.decoder(tgt, memory, others);
  }

  /** −∞ above the diagonal, 0 elsewhere: a mask that hides later positions. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return triu(full([size, size], Number.NEGATIVE_INFINITY), 1);
  }
}
