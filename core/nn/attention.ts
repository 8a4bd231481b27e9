// Multi-head attention.

import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { cat } from "../ops/create/join";
import type { Parameter, Tensor } from "../tensor/tensor";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { attend, joinedMask, requireWidth } from "./functional/attention";
import { linear } from "./functional/linear";
import { pad } from "./functional/pad";
import { constant_, xavierNormal_, xavierUniform_ } from "./init";
import { Linear } from "./linear";
import { stateKey } from "./members";
import { InputModule } from "./layer";
import { snakeCase } from "../tensor/python-text";

/** The Linear of an attention's results; PyTorch prints it under this name. */
export class NonDynamicallyQuantizableLinear extends Linear {}

/** What MultiheadAttention takes by name. */
export interface AttentionOptions extends FactoryOptions {
  embedDim?: number;
  numHeads?: number;
  /** Dropout of the weights, in training. Default 0. */
  dropout?: number;
  bias?: boolean;
  /** Whether keys and values get one trained entry more. Default false. */
  addBiasKv?: boolean;
  /** Whether keys and values get one entry of zeros more. Default false. */
  addZeroAttn?: boolean;
  /** Features of keys. Default embedDim. */
  kdim?: number | null;
  /** Features of values. Default embedDim. */
  vdim?: number | null;
  /** Whether inputs are (B, T, E) rather than (T, B, E). Default false. */
  batchFirst?: boolean;
}

/** What a call of MultiheadAttention takes by name. */
export interface AttentionCall {
  /** Keys to leave out, (B, S): true, or a number to add. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned. Default true. */
  needWeights?: boolean;
  /** What each query leaves out, (L, S) or (B · heads, L, S): true, or a number to add. */
  attnMask?: Tensor | null;
  /** Whether weights are averaged over heads. Default true. */
  averageAttnWeights?: boolean;
}

/** A call of MultiheadAttention by name. */
interface AttentionInputs extends AttentionCall {
  query: Tensor;
  key: Tensor;
  value: Tensor;
}

type Attended = [output: Tensor, weights: Tensor | null];

type AttentionArguments = Arguments<
  [
    embedDim: number,
    numHeads: number,
    dropout?: number,
    bias?: boolean,
    addBiasKv?: boolean,
    addZeroAttn?: boolean,
    kdim?: number | null,
    vdim?: number | null,
    batchFirst?: boolean,
    ...factory: Factory,
  ],
  AttentionOptions
>;

/** Attention by several heads. Options: see AttentionOptions. Source: torch.nn.MultiheadAttention. */
export class MultiheadAttention extends InputModule<AttentionInputs> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def MultiheadAttention(int embedDim, int numHeads, float dropout=0.0, bool bias=True, bool addBiasKv=False, bool addZeroAttn=False, int? kdim=None, int? vdim=None, bool batchFirst=False, ${FACTORY})`,
  );

  static {
    readsMethods(
      MultiheadAttention,
      "def MultiheadAttention.forward(Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask=None, bool needWeights=True, Tensor? attnMask=None, bool averageAttnWeights=True)",
    );
  }

  readonly embedDim: number;
  readonly numHeads: number;
  readonly headDim: number;
  readonly dropout: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  outProj: Linear;
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;

  constructor(...args: AttentionArguments);
  constructor(options: Named<AttentionOptions, "embedDim" | "numHeads">);
  constructor(...args: AttentionArguments | [AttentionOptions]) {
    super();
    const given = MultiheadAttention[signature].complete<AttentionOptions>(args);
    const { embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn } = given;
    const { dtype, device } = given;
    const factory = { dtype, device };
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.kdim = given.kdim ?? embedDim;
    this.vdim = given.vdim ?? embedDim;
    this.batchFirst = given.batchFirst;
    this.addZeroAttn = addZeroAttn;
    this.headDim = embedDim / numHeads;
    if (!Number.isInteger(this.headDim)) throw new ArgumentError("embed_dim must be divisible by num_heads");
    const together = this.kdim === embedDim && this.vdim === embedDim;
    this.registerParameter("qProjWeight", together ? null : emptyParameter([embedDim, embedDim], factory));
    this.registerParameter("kProjWeight", together ? null : emptyParameter([embedDim, this.kdim], factory));
    this.registerParameter("vProjWeight", together ? null : emptyParameter([embedDim, this.vdim], factory));
    this.registerParameter("inProjWeight", together ? emptyParameter([3 * embedDim, embedDim], factory) : null);
    this.registerParameter("inProjBias", bias ? emptyParameter([3 * embedDim], factory) : null);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, ...factory });
    this.registerParameter("biasK", addBiasKv ? emptyParameter([1, 1, embedDim], factory) : null);
    this.registerParameter("biasV", addBiasKv ? emptyParameter([1, 1, embedDim], factory) : null);
    this.resetParameters();
  }

  /** Draws new values of the projections; biases become zero. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight]) {
      if (weight !== null) xavierUniform_(weight);
    }
    if (this.inProjBias !== null) constant_(this.inProjBias, 0);
    if (this.outProj.bias !== null) constant_(this.outProj.bias, 0);
    for (const bias of [this.biasK, this.biasV]) if (bias !== null) xavierNormal_(bias);
  }

  override [stateKey](property: string): string {
    return snakeCase(property);
  }

  /** Queries, keys and values projected, each (T, B, E). */
  private projected(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { embedDim, inProjWeight, inProjBias } = this;
    const biases = inProjBias === null ? [null, null, null] : inProjBias.chunk(3);
    if (inProjWeight !== null) {
      if (query === key && key === value) return linear(query, inProjWeight, inProjBias).chunk(3, -1);
      const weights = inProjWeight.chunk(3);
      return [query, key, value].map((x, k) => linear(x, weights[k], biases[k]));
    }
    const weights = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return [query, key, value].map((x, k) => {
      const weight = weights[k];
      if (weight === null) throw new ShapeError(`projection ${k} of an attention of width ${embedDim} is missing`);
      return linear(x, weight, biases[k]);
    });
  }

  /** (T, B, E) as (B · heads, T, E / heads). */
  private heads(x: Tensor): Tensor {
    const [length, batch] = x.sizes;
    return x.reshape([length, batch * this.numHeads, this.headDim]).transpose(0, 1);
  }

  /**
   * Queries (L, B, E), keys (S, B, kdim) and values (S, B, vdim), or (B, …) with `batchFirst`, or unbatched. Returns the result and
   * the weights (B, L, S), or null without `needWeights`.
   */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...args: Arguments<
      [keyPaddingMask?: Tensor | null, needWeights?: boolean, attnMask?: Tensor | null, averageAttnWeights?: boolean],
      AttentionCall
    >
  ): Attended;
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    keyPaddingMask: Tensor | null = null,
    needWeights = true,
    attnMask: Tensor | null = null,
    averageAttnWeights = true,
  ): Attended {
    const batched = query.ndim === 3;
    requireWidth(query, this.embedDim);
    const same = query === key && key === value;
    const placed = (x: Tensor) => (batched ? (this.batchFirst ? x.transpose(0, 1) : x) : x.unsqueeze(1));
    const first = placed(query);
    const inputs = same ? [first, first, first] : [first, placed(key), placed(value)];
    const padding = keyPaddingMask !== null && !batched ? keyPaddingMask.unsqueeze(0) : keyPaddingMask;
    const [output, weights] = this.attended(inputs[0], inputs[1], inputs[2], padding, attnMask);
    const out = batched ? (this.batchFirst ? output.transpose(0, 1) : output) : output.squeeze(1);
    if (!needWeights) return [out, null];
    const shown = averageAttnWeights ? weights.sum(1).div(this.numHeads) : weights;
    return [out, batched ? shown : shown.squeeze(0)];
  }

  private attended(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    keyPaddingMask: Tensor | null,
    attnMask: Tensor | null,
  ): [output: Tensor, weights: Tensor] {
    const { embedDim, numHeads, biasK, biasV, addZeroAttn } = this;
    const [length, batch] = query.sizes;
    let [q, k, v] = this.projected(query, key, value);
    let added = 0;
    if (biasK !== null && biasV !== null) {
      k = cat([k, biasK.repeat(1, batch, 1)]);
      v = cat([v, biasV.repeat(1, batch, 1)]);
      added++;
    }
    [q, k, v] = [q, k, v].map((x) => this.heads(x));
    if (addZeroAttn) {
      k = pad(k, [0, 0, 0, 1]);
      v = pad(v, [0, 0, 0, 1]);
      added++;
    }
    const keys = k.sizes[1];
    const wider = (mask: Tensor | null) => (mask === null || added === 0 ? mask : pad(mask, [0, added]));
    const mask = joinedMask(
      { batch, heads: numHeads, queries: length, keys, like: q },
      wider(attnMask),
      wider(keyPaddingMask),
    );
    const [found, weights] = attend(q, k, v, mask, this.training ? this.dropout : 0);
    const rows = found.transpose(0, 1).reshape([length * batch, embedDim]);
    const output = linear(rows, this.outProj.weight, this.outProj.bias).reshape([length, batch, embedDim]);
    return [output, weights.reshape([batch, numHeads, length, keys])];
  }
}
