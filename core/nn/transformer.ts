// Transformer layers and stacks of them.

import { ArgumentError, ShapeError } from "../errors";
import { type Arguments, read } from "../ops/arguments";
import { full } from "../ops/create";
import { triu } from "../ops/linalg";
import type { Tensor } from "../tensor/tensor";
import { MultiheadAttention } from "./attention";
import { ModuleList } from "./containers";
import { deepcopy } from "./deepcopy";
import { Dropout } from "./dropout";
import { gelu, relu } from "./functional/activation";
import { xavierUniform_ } from "./init";
import { type FactoryOptions, Linear } from "./linear";
import { stateKey } from "./members";
import { Module } from "./module";
import { LayerNorm } from "./norm";

/** The nonlinearity of the feed-forward part: a name or a function. */
export type FeedForwardActivation = "relu" | "gelu" | ((input: Tensor) => Tensor);

/** What transformer layers take by name. */
export interface TransformerLayerOptions extends FactoryOptions {
  dModel?: number;
  nhead?: number;
  /** Width of the feed-forward part. Default 2048. */
  dimFeedforward?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Default "relu". */
  activation?: FeedForwardActivation;
  layerNormEps?: number;
  batchFirst?: boolean;
  /** Whether normalisation comes before each part rather than after it. Default false. */
  normFirst?: boolean;
}

type LayerArguments = Arguments<
  [
    dModel: number,
    nhead: number,
    dimFeedforward?: number,
    dropout?: number,
    activation?: FeedForwardActivation,
    layerNormEps?: number,
    batchFirst?: boolean,
    normFirst?: boolean,
  ],
  TransformerLayerOptions
>;

const LAYER = [
  "dModel",
  "nhead",
  "dimFeedforward",
  "dropout",
  "activation",
  "layerNormEps",
  "batchFirst",
  "normFirst",
] as const;

function readLayer(call: string, args: LayerArguments) {
  const given = read<TransformerLayerOptions>(call, args, LAYER, ["dtype", "device"]);
  const { dModel = 512, nhead = 8, dimFeedforward = 2048, dropout = 0.1, activation = "relu" } = given;
  const { layerNormEps = 1e-5, batchFirst = false, normFirst = false, dtype, device } = given;
  const factory = { dtype, device };
  return { dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, factory };
}

type LayerSettings = ReturnType<typeof readLayer>;

function activationOf(activation: FeedForwardActivation): (input: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  const known: { readonly [name: string]: (input: Tensor) => Tensor } = { relu: (x) => relu(x), gelu: (x) => gelu(x) };
  const found = known[activation];
  if (found === undefined) throw new ArgumentError(`activation should be relu/gelu, not ${activation}`);
  return found;
}

/** State_dict names of members whose properties are camelCase. */
const KEYS: { readonly [property: string]: string } = { selfAttn: "self_attn", multiheadAttn: "multihead_attn" };

/** Masks of an encoder layer's call. */
export interface EncoderCall {
  srcMask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
}

/** Attention to itself, then a feed-forward part. Options: see TransformerLayerOptions. Source: torch.nn.TransformerEncoderLayer. */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly activation: (input: Tensor) => Tensor;

  constructor(...args: LayerArguments) {
    super();
    const s = readLayer("TransformerEncoderLayer", args);
    this.selfAttn = attentionOf(s);
    this.linear1 = new Linear(s.dModel, s.dimFeedforward, s.factory);
    this.dropout = new Dropout(s.dropout);
    this.linear2 = new Linear(s.dimFeedforward, s.dModel, s.factory);
    this.normFirst = s.normFirst;
    this.norm1 = normOf(s);
    this.norm2 = normOf(s);
    this.dropout1 = new Dropout(s.dropout);
    this.dropout2 = new Dropout(s.dropout);
    this.activation = activationOf(s.activation);
  }

  override [stateKey](property: string): string {
    return KEYS[property] ?? property;
  }

  /** (T, B, dModel), or (B, T, dModel) with `batchFirst`. */
  override forward(
    src: Tensor,
    ...args: Arguments<[srcMask?: Tensor | null, srcKeyPaddingMask?: Tensor | null], EncoderCall>
  ): Tensor {
    const { srcMask, srcKeyPaddingMask } = read<EncoderCall>("forward", args, ["srcMask", "srcKeyPaddingMask"]);
    const attention = (x: Tensor): Tensor => {
      const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, needWeights: false };
      return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
    };
    const forward = (x: Tensor): Tensor => this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
    if (this.normFirst) {
      const x = src.add(attention(this.norm1(src)));
      return x.add(forward(this.norm2(x)));
    }
    const x = this.norm1(src.add(attention(src)));
    return this.norm2(x.add(forward(x)));
  }
}

function attentionOf({ dModel, nhead, dropout, batchFirst, factory }: LayerSettings): MultiheadAttention {
  return new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...factory });
}

function normOf({ dModel, layerNormEps, factory }: LayerSettings): LayerNorm {
  return new LayerNorm(dModel, { eps: layerNormEps, ...factory });
}

/** Masks of a decoder layer's call. */
export interface DecoderCall {
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
}

type DecoderArguments = Arguments<
  [
    tgtMask?: Tensor | null,
    memoryMask?: Tensor | null,
    tgtKeyPaddingMask?: Tensor | null,
    memoryKeyPaddingMask?: Tensor | null,
  ],
  DecoderCall
>;

const DECODER = ["tgtMask", "memoryMask", "tgtKeyPaddingMask", "memoryKeyPaddingMask"] as const;

/** Attention to itself, then to a memory, then a feed-forward part. Source: torch.nn.TransformerDecoderLayer. */
export class TransformerDecoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly activation: (input: Tensor) => Tensor;

  constructor(...args: LayerArguments) {
    super();
    const s = readLayer("TransformerDecoderLayer", args);
    this.selfAttn = attentionOf(s);
    this.multiheadAttn = attentionOf(s);
    this.linear1 = new Linear(s.dModel, s.dimFeedforward, s.factory);
    this.dropout = new Dropout(s.dropout);
    this.linear2 = new Linear(s.dimFeedforward, s.dModel, s.factory);
    this.normFirst = s.normFirst;
    this.norm1 = normOf(s);
    this.norm2 = normOf(s);
    this.norm3 = normOf(s);
    this.dropout1 = new Dropout(s.dropout);
    this.dropout2 = new Dropout(s.dropout);
    this.dropout3 = new Dropout(s.dropout);
    this.activation = activationOf(s.activation);
  }

  override [stateKey](property: string): string {
    return KEYS[property] ?? property;
  }

  /** Targets (T, B, dModel) and a memory (S, B, dModel), or (B, …) with `batchFirst`. */
  override forward(tgt: Tensor, memory: Tensor, ...args: DecoderArguments): Tensor {
    const given = read<DecoderCall>("forward", args, DECODER);
    const own = (x: Tensor): Tensor => {
      const masks = { attnMask: given.tgtMask, keyPaddingMask: given.tgtKeyPaddingMask, needWeights: false };
      return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
    };
    const other = (x: Tensor): Tensor => {
      const masks = { attnMask: given.memoryMask, keyPaddingMask: given.memoryKeyPaddingMask, needWeights: false };
      return this.dropout2(this.multiheadAttn(x, memory, memory, masks)[0]);
    };
    const forward = (x: Tensor): Tensor => this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
    if (this.normFirst) {
      const x = tgt.add(own(this.norm1(tgt)));
      const y = x.add(other(this.norm2(x)));
      return y.add(forward(this.norm3(y)));
    }
    const x = this.norm1(tgt.add(own(tgt)));
    const y = this.norm2(x.add(other(x)));
    return this.norm3(y.add(forward(y)));
  }
}

/** Copies of a layer, which all start equal. */
function copies<M extends Module>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));
}

/** Encoder layers one after another; `norm` comes last. Source: torch.nn.TransformerEncoder. */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList<TransformerEncoderLayer>;
  readonly numLayers: number;
  readonly norm: Module | null;

  constructor(encoderLayer: TransformerEncoderLayer, numLayers: number, norm: Module | null = null) {
    super();
    this.layers = copies(encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
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
export class TransformerDecoder extends Module {
  readonly layers: ModuleList<TransformerDecoderLayer>;
  readonly numLayers: number;
  readonly norm: Module | null;

  constructor(decoderLayer: TransformerDecoderLayer, numLayers: number, norm: Module | null = null) {
    super();
    this.layers = copies(decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
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
