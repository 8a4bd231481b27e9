// Transformer layers one after another, and encoder and decoder together.

import { ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { full } from "../ops/create/create";
import { triu } from "../ops/matrix/linalg";
import type { Tensor } from "../tensor/tensor";
import { ModuleList } from "./containers";
import { deepcopy } from "./deepcopy";
import { xavierUniform_ } from "./init";
import { FACTORY, type Factory } from "./factory";
import { InputModule } from "./layer";
import type { Module } from "./module";
import { LayerNorm } from "./norm";
import {
  DECODER,
  FEED_FORWARD,
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
  /** No effect: masks are used as they are. */
  maskCheck?: boolean;
}

/** Copies of a layer, which all start equal, one after another; `norm` comes last. */
abstract class LayerStack<Layer extends Module, I> extends InputModule<I> {
  readonly layers: ModuleList<Layer>;
  readonly numLayers: number;
  readonly norm: Module | null;

  constructor(layer: Layer, { numLayers, norm }: Required<StackOptions>) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => deepcopy(layer)));
    this.numLayers = numLayers;
    this.norm = norm;
  }
}

/** Masks of an encoder's call. */
interface StackCall {
  mask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
}

/** Encoder layers one after another; `norm` comes last. Source: torch.nn.TransformerEncoder. */
export class TransformerEncoder extends LayerStack<TransformerEncoderLayer, StackCall & { src: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def TransformerEncoder(Module encoderLayer, int numLayers, Module? norm=None, bool enableNestedTensor=True, bool maskCheck=True)",
  );
  static {
    readsMethods(
      TransformerEncoder,
      "def TransformerEncoder.forward(Tensor src, Tensor? mask=None, Tensor? srcKeyPaddingMask=None)",
    );
  }

  constructor(
    encoderLayer: TransformerEncoderLayer,
    ...args: Arguments<
      [numLayers: number, norm?: Module | null, enableNestedTensor?: boolean, maskCheck?: boolean],
      EncoderOptions
    >
  );
  constructor(
    options: Named<EncoderOptions & { encoderLayer?: TransformerEncoderLayer }, "encoderLayer" | "numLayers">,
  );
  constructor(...args: unknown[]) {
    type Given = EncoderOptions & { encoderLayer: TransformerEncoderLayer };
    const { encoderLayer, ...given } = TransformerEncoder[signature].complete<Given>(args);
    super(encoderLayer, given);
  }

  /** (T, B, dModel), or (B, T, dModel) with `batchFirst`. */
  override forward(
    src: Tensor,
    ...args: Arguments<[mask?: Tensor | null, srcKeyPaddingMask?: Tensor | null], StackCall>
  ): Tensor;
  override forward(src: Tensor, mask: Tensor | null = null, srcKeyPaddingMask: Tensor | null = null): Tensor {
    let x = src;
    for (const layer of this.layers) x = layer(x, mask, srcKeyPaddingMask);
    return this.norm === null ? x : this.norm(x);
  }
}

/** Decoder layers one after another; `norm` comes last. Source: torch.nn.TransformerDecoder. */
export class TransformerDecoder extends LayerStack<
  TransformerDecoderLayer,
  DecoderCall & { tgt: Tensor; memory: Tensor }
> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def TransformerDecoder(Module decoderLayer, int numLayers, Module? norm=None)",
  );
  static {
    readsMethods(TransformerDecoder, `def TransformerDecoder.forward(${DECODER})`);
  }

  constructor(
    decoderLayer: TransformerDecoderLayer,
    ...args: Arguments<[numLayers: number, norm?: Module | null], StackOptions>
  );
  constructor(options: Named<StackOptions & { decoderLayer?: TransformerDecoderLayer }, "decoderLayer" | "numLayers">);
  constructor(...args: unknown[]) {
    type Given = StackOptions & { decoderLayer: TransformerDecoderLayer };
    const { decoderLayer, ...given } = TransformerDecoder[signature].complete<Given>(args);
    super(decoderLayer, given);
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
    let x = tgt;
    for (const layer of this.layers) {
      x = layer(x, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask);
    }
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

type TransformerArguments = Arguments<
  [
    srcMask?: Tensor | null,
    tgtMask?: Tensor | null,
    memoryMask?: Tensor | null,
    srcKeyPaddingMask?: Tensor | null,
    tgtKeyPaddingMask?: Tensor | null,
    memoryKeyPaddingMask?: Tensor | null,
  ],
  TransformerCall
>;

/** Encoder and decoder. Options: see TransformerOptions. Source: torch.nn.Transformer. */
export class Transformer extends InputModule<TransformerCall & { src: Tensor; tgt: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Transformer(int dModel=512, int nhead=8, int numEncoderLayers=6, int numDecoderLayers=6, ${FEED_FORWARD}, Module? customEncoder=None, Module? customDecoder=None, float layerNormEps=1e-05, bool batchFirst=False, bool normFirst=False, ${FACTORY})`,
  );
  static {
    const masks = "Tensor? srcMask=None, Tensor? tgtMask=None, Tensor? memoryMask=None";
    const padding = "Tensor? srcKeyPaddingMask=None, Tensor? tgtKeyPaddingMask=None, Tensor? memoryKeyPaddingMask=None";
    readsMethods(Transformer, `def Transformer.forward(Tensor src, Tensor tgt, ${masks}, ${padding})`);
  }

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
        ...factory: Factory,
      ],
      TransformerOptions
    >
  ) {
    super();
    const given = Transformer[signature].complete<TransformerOptions>(args);
    const { numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...rest } = given;
    const { dModel, nhead, ...settings } = rest;
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
    this.batchFirst = rest.batchFirst;
  }

  /** Sources and targets (T, B, dModel), or (B, T, dModel) with `batchFirst`. */
  override forward(src: Tensor, tgt: Tensor, ...args: TransformerArguments): Tensor;
  override forward(
    src: Tensor,
    tgt: Tensor,
    srcMask: Tensor | null = null,
    tgtMask: Tensor | null = null,
    memoryMask: Tensor | null = null,
    srcKeyPaddingMask: Tensor | null = null,
    tgtKeyPaddingMask: Tensor | null = null,
    memoryKeyPaddingMask: Tensor | null = null,
  ): Tensor {
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.sizes[batch] !== tgt.sizes[batch]) {
      throw new ShapeError("the batch number of src and tgt must be equal");
    }
    if (src.sizes[src.ndim - 1] !== this.dModel || tgt.sizes[tgt.ndim - 1] !== this.dModel) {
      throw new ShapeError("the feature number of src and tgt must be equal to d_model");
    }
    const memory: Tensor = this.encoder(src, { mask: srcMask, srcKeyPaddingMask });
    const masks = { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask };
    return this.decoder(tgt, memory, masks);
  }

  /** −∞ above the diagonal, 0 elsewhere: a mask that hides later positions. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return triu(full([size, size], Number.NEGATIVE_INFINITY), 1);
  }
}
