// Tables of vectors by index.

import { withGradMode } from "../autograd/modes";
import { ArgumentError } from "../errors";
import { type Arguments, read } from "../ops/arguments";
import { Parameter, type Tensor } from "../tensor/tensor";
import { type BagMode, embedding, embeddingBag } from "./functional/embedding";
import { normal_ } from "./init";
import { settingsText } from "./layer";
import { emptyParameter, type FactoryOptions } from "./linear";
import { Module } from "./module";

interface TableOptions extends FactoryOptions {
  numEmbeddings?: number;
  embeddingDim?: number;
  /** This row is zero at first and gets no gradient. */
  paddingIdx?: number | null;
  /** Rows longer than this are scaled down when looked up. */
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  sparse?: boolean;
}

/** What both tables have. */
abstract class Table extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  /** (numEmbeddings, embeddingDim) */
  weight: Parameter;

  constructor(given: TableOptions) {
    super();
    const { numEmbeddings = 0, embeddingDim = 0, paddingIdx = null, maxNorm = null } = given;
    const { normType = 2, scaleGradByFreq = false } = given;
    if (paddingIdx !== null && (paddingIdx >= numEmbeddings || paddingIdx < -numEmbeddings)) {
      throw new ArgumentError("Padding_idx must be within num_embeddings");
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], given);
    this.resetParameters();
  }

  /** Draws new values. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) withGradMode(false, () => this.weight.select(0, paddingIdx).zero_());
  }

  override extraRepr(): string {
    return settingsText([
      ["numEmbeddings", this.numEmbeddings, { positional: true }],
      ["embeddingDim", this.embeddingDim, { positional: true }],
      ["paddingIdx", this.paddingIdx, { whenSet: true }],
      ["maxNorm", this.maxNorm, { whenSet: true }],
      ["normType", this.normType === 2 ? null : this.normType, { whenSet: true }],
      ["scaleGradByFreq", this.scaleGradByFreq, { whenSet: true }],
    ]);
  }
}

/**
 * Rows by index: (…) → (…, embeddingDim). Options: `paddingIdx`, `maxNorm`, `normType`, `scaleGradByFreq`, `dtype`, `device`.
 * Source: torch.nn.Embedding.
 */
export class Embedding extends Table {
  constructor(
    ...args: Arguments<
      [
        numEmbeddings: number,
        embeddingDim: number,
        paddingIdx?: number | null,
        maxNorm?: number | null,
        normType?: number,
        scaleGradByFreq?: boolean,
        sparse?: boolean,
      ],
      TableOptions
    >
  ) {
    super(
      read<TableOptions>(
        "Embedding",
        args,
        ["numEmbeddings", "embeddingDim", "paddingIdx", "maxNorm", "normType", "scaleGradByFreq", "sparse"],
        ["dtype", "device"],
        2,
      ),
    );
  }

  /** A table over given rows; frozen (default true) ones do not train. Source: torch.nn.Embedding.from_pretrained. */
  static fromPretrained(embeddings: Tensor, options: TableOptions & { freeze?: boolean } = {}): Embedding {
    const { freeze = true, ...rest } = options;
    const [numEmbeddings, embeddingDim] = embeddings.sizes;
    const made = new Embedding(numEmbeddings, embeddingDim, { ...rest, dtype: embeddings.dtype });
    made.weight = new Parameter(embeddings, !freeze);
    return made;
  }

  override forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, this.weight, paddingIdx, maxNorm, normType, scaleGradByFreq);
  }
}

interface BagOptions extends TableOptions {
  /** Default "mean". */
  mode?: BagMode;
  includeLastOffset?: boolean;
}

/** Sums, means or maxima of rows by index. Options: as Embedding, `mode`, `includeLastOffset`. Source: torch.nn.EmbeddingBag. */
export class EmbeddingBag extends Table {
  readonly mode: BagMode;
  readonly includeLastOffset: boolean;

  constructor(
    ...args: Arguments<
      [
        numEmbeddings: number,
        embeddingDim: number,
        maxNorm?: number | null,
        normType?: number,
        scaleGradByFreq?: boolean,
        mode?: BagMode,
        sparse?: boolean,
      ],
      BagOptions
    >
  ) {
    const given = read<BagOptions>(
      "EmbeddingBag",
      args,
      ["numEmbeddings", "embeddingDim", "maxNorm", "normType", "scaleGradByFreq", "mode", "sparse"],
      ["includeLastOffset", "paddingIdx", "dtype", "device"],
      2,
    );
    super(given);
    this.mode = given.mode ?? "mean";
    this.includeLastOffset = given.includeLastOffset ?? false;
  }

  /** Bags as rows of `input` (B, N), or of a 1-d input from `offsets` (B); result (B, embeddingDim). */
  override forward(input: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx } = this;
    return embeddingBag(input, this.weight, {
      offsets,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      perSampleWeights,
      includeLastOffset,
      paddingIdx,
    });
  }

  override extraRepr(): string {
    return `${super.extraRepr()}, mode=${this.mode}`;
  }
}
