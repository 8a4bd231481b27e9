// One layer of a transformer's encoder, and one of its decoder.

import { ArgumentError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import { MultiheadAttention } from "./attention";
import { Dropout } from "./dropout";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { gelu, relu } from "./functional/activation";
import { Linear } from "./linear";
import { stateKey } from "./members";
import { InputModule } from "./layer";
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
    ...factory: Factory,
  ],
  TransformerLayerOptions
>;

type NamedLayer = Named<TransformerLayerOptions, "dModel" | "nhead">;

/** Parameters of feed-forward parts, in order. */
export const FEED_FORWARD = "int dimFeedforward=2048, float dropout=0.1, str|function activation='relu'";

/** What the class of a name takes. */
function takes(name: string): Signature {
  const norm = "float layerNormEps=1e-05, bool batchFirst=False, bool normFirst=False";
  return new Signature(`def ${name}(int dModel, int nhead, ${FEED_FORWARD}, ${norm}, ${FACTORY})`);
}

function readLayer(own: Signature, args: LayerArguments | [NamedLayer]) {
  const { dtype, device, ...settings } = own.complete<TransformerLayerOptions>(args);
  return { ...settings, factory: { dtype, device } };
}

type LayerSettings = ReturnType<typeof readLayer>;

function activationOf(activation: FeedForwardActivation): (input: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  const known: { readonly [name: string]: (input: Tensor) => Tensor } = { relu, gelu };
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
export class TransformerEncoderLayer extends InputModule<EncoderCall & { src: Tensor }> {
  /** @internal */
  static readonly [signature] = takes("TransformerEncoderLayer");
  static {
    readsMethods(
      TransformerEncoderLayer,
      "def TransformerEncoderLayer.forward(Tensor src, Tensor? srcMask=None, Tensor? srcKeyPaddingMask=None)",
    );
  }

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

  constructor(...args: LayerArguments);
  constructor(options: NamedLayer);
  constructor(...args: LayerArguments | [NamedLayer]) {
    super();
    const s = readLayer(TransformerEncoderLayer[signature], args);
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
  ): Tensor;
  override forward(src: Tensor, srcMask: Tensor | null = null, srcKeyPaddingMask: Tensor | null = null): Tensor {
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

/** Masks of a decoder's call, in order or by name. */
export type DecoderArguments = Arguments<
  [
    tgtMask?: Tensor | null,
    memoryMask?: Tensor | null,
    tgtKeyPaddingMask?: Tensor | null,
    memoryKeyPaddingMask?: Tensor | null,
  ],
  DecoderCall
>;

/** Parameters of a decoder's call, in order. */
export const DECODER =
  "Tensor tgt, Tensor memory, Tensor? tgtMask=None, Tensor? memoryMask=None, Tensor? tgtKeyPaddingMask=None, Tensor? memoryKeyPaddingMask=None";

/** Attention to itself, then to a memory, then a feed-forward part. Source: torch.nn.TransformerDecoderLayer. */
export class TransformerDecoderLayer extends InputModule<DecoderCall & { tgt: Tensor; memory: Tensor }> {
  /** @internal */
  static readonly [signature] = takes("TransformerDecoderLayer");
  static {
    readsMethods(TransformerDecoderLayer, `def TransformerDecoderLayer.forward(${DECODER})`);
  }

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

  constructor(...args: LayerArguments);
  constructor(options: NamedLayer);
  constructor(...args: LayerArguments | [NamedLayer]) {
    super();
    const s = readLayer(TransformerDecoderLayer[signature], args);
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
  override forward(tgt: Tensor, memory: Tensor, ...args: DecoderArguments): Tensor;
  override forward(
    tgt: Tensor,
    memory: Tensor,
    tgtMask: Tensor | null = null,
    memoryMask: Tensor | null = null,
    tgtKeyPaddingMask: Tensor | null = null,
    memoryKeyPaddingMask: Tensor | null = null,
  ): Tensor {
    const own = (x: Tensor): Tensor => {
      const masks = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, needWeights: false };
      return this.dropout1(this.selfAttn(x, x, x, masks)[0]);
    };
    const other = (x: Tensor): Tensor => {
      const masks = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, needWeights: false };
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
