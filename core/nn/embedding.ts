// Tables of vectors by index.

import { withGradMode } from "../autograd/modes";
import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature, signed } from "../arguments/signed";
import { sameShape } from "../tensor/shape";
import { Parameter, type Tensor } from "../tensor/tensor";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { type BagMode, embedding, embeddingBag } from "./functional/embedding";
import { normal_ } from "./init";
import { InputModule, settingsText } from "./layer";

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
  /** The rows themselves, (numEmbeddings, embeddingDim); without them they are drawn. */
  _weight?: Tensor | null;
}

/** Sizes and rows of a table that exists. Throws ShapeError for other than two dimensions. */
function tableOf(embeddings: Tensor): { numEmbeddings: number; embeddingDim: number; _weight: Tensor } {
  if (embeddings.ndim !== 2) throw new ShapeError("Embeddings parameter is expected to be 2-dimensional");
  const [numEmbeddings, embeddingDim] = embeddings.sizes;
  return { numEmbeddings, embeddingDim, _weight: embeddings };
}

/** What both tables have. */
abstract class Table<I> extends InputModule<I> {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  /** (numEmbeddings, embeddingDim) */
  declare weight: Parameter;

  constructor(given: Required<TableOptions>) {
    super();
    const { numEmbeddings, embeddingDim, paddingIdx, maxNorm, normType, scaleGradByFreq, _weight } = given;
    if (paddingIdx !== null && (paddingIdx >= numEmbeddings || paddingIdx < -numEmbeddings)) {
      throw new ArgumentError("Padding_idx must be within num_embeddings");
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    if (_weight !== null) {
      if (!sameShape(_weight.sizes, [numEmbeddings, embeddingDim])) {
        throw new ShapeError("Shape of weight does not match num_embeddings and embedding_dim");
      }
      this.registerParameter("weight", new Parameter(_weight));
      return;
    }
    this.registerParameter("weight", emptyParameter([numEmbeddings, embeddingDim], given));
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

/** Parameters of lookups that every table has, in order. */
const LOOKUP = "float? maxNorm=None, float normType=2.0, bool scaleGradByFreq=False";

type EmbeddingArguments = Arguments<
  [
    numEmbeddings: number,
    embeddingDim: number,
    paddingIdx?: number | null,
    maxNorm?: number | null,
    normType?: number,
    scaleGradByFreq?: boolean,
    sparse?: boolean,
    _weight?: Tensor | null,
    ...factory: Factory,
  ],
  TableOptions
>;

/**
 * Rows by index: (…) → (…, embeddingDim). Options: `paddingIdx`, `maxNorm`, `normType`, `scaleGradByFreq`, `dtype`, `device`.
 * Source: torch.nn.Embedding.
 */
export class Embedding extends Table<{ input: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Embedding(int numEmbeddings, int embeddingDim, int? paddingIdx=None, ${LOOKUP}, bool sparse=False, Tensor? _weight=None, ${FACTORY})`,
  );
  static {
    readsMethods(Embedding, "def Embedding.forward(Tensor input)");
  }

  constructor(...args: EmbeddingArguments);
  constructor(options: Named<TableOptions, "numEmbeddings" | "embeddingDim">);
  constructor(...args: EmbeddingArguments | [TableOptions]) {
    super(Embedding[signature].complete<TableOptions>(args));
  }

  /**
   * A table over given rows, which it shares; nothing is drawn. Options: `freeze` (true), and those of Embedding. Throws ShapeError
   * unless `embeddings` is a matrix. Source: torch.nn.Embedding.from_pretrained.
   */
  static readonly fromPretrained = signed(
    `def fromPretrained(Tensor embeddings, bool freeze=True, int? paddingIdx=None, ${LOOKUP}, bool sparse=False)`,
    (
      embeddings: Tensor,
      freeze?: boolean,
      paddingIdx?: number | null,
      maxNorm?: number | null,
      normType?: number,
      scaleGradByFreq?: boolean,
      sparse?: boolean,
    ): Embedding => {
      const settings = { paddingIdx, maxNorm, normType, scaleGradByFreq, sparse };
      const made = new Embedding({ ...settings, ...tableOf(embeddings) });
      made.weight.requiresGrad = !(freeze ?? true);
      return made;
    },
  );

  override forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, this.weight, paddingIdx, maxNorm, normType, scaleGradByFreq);
  }
}

interface BagInputs {
  input: Tensor;
  /** Where bags begin in a 1-d input. */
  offsets?: Tensor | null;
  perSampleWeights?: Tensor | null;
}

interface BagOptions extends TableOptions {
  /** Default "mean". */
  mode?: BagMode;
  includeLastOffset?: boolean;
}

type BagArguments = Arguments<
  [
    numEmbeddings: number,
    embeddingDim: number,
    maxNorm?: number | null,
    normType?: number,
    scaleGradByFreq?: boolean,
    mode?: BagMode,
    sparse?: boolean,
    _weight?: Tensor | null,
    includeLastOffset?: boolean,
    paddingIdx?: number | null,
    ...factory: Factory,
  ],
  BagOptions
>;

/** Sums, means or maxima of rows by index. Options: as Embedding, `mode`, `includeLastOffset`. Source: torch.nn.EmbeddingBag. */
export class EmbeddingBag extends Table<BagInputs> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def EmbeddingBag(int numEmbeddings, int embeddingDim, ${LOOKUP}, str mode='mean', bool sparse=False, Tensor? _weight=None, bool includeLastOffset=False, int? paddingIdx=None, ${FACTORY})`,
  );
  static {
    readsMethods(
      EmbeddingBag,
      "def EmbeddingBag.forward(Tensor input, Tensor? offsets=None, Tensor? perSampleWeights=None)",
    );
  }

  readonly mode: BagMode;
  readonly includeLastOffset: boolean;

  constructor(...args: BagArguments);
  constructor(options: Named<BagOptions, "numEmbeddings" | "embeddingDim">);
  constructor(...args: BagArguments | [BagOptions]) {
    const given = EmbeddingBag[signature].complete<BagOptions>(args);
    super(given);
    this.mode = given.mode;
    this.includeLastOffset = given.includeLastOffset;
  }

  /**
   * Bags over given rows, which they share; nothing is drawn. Options: `freeze` (true), and those of EmbeddingBag. Throws ShapeError
   * unless `embeddings` is a matrix. Source: torch.nn.EmbeddingBag.from_pretrained.
   */
  static readonly fromPretrained = signed(
    `def fromPretrained(Tensor embeddings, bool freeze=True, ${LOOKUP}, str mode='mean', bool sparse=False, bool includeLastOffset=False, int? paddingIdx=None)`,
    (
      embeddings: Tensor,
      freeze?: boolean,
      maxNorm?: number | null,
      normType?: number,
      scaleGradByFreq?: boolean,
      mode?: BagMode,
      sparse?: boolean,
      includeLastOffset?: boolean,
      paddingIdx?: number | null,
    ): EmbeddingBag => {
      const settings = { paddingIdx, maxNorm, normType, scaleGradByFreq, mode, sparse, includeLastOffset };
      const made = new EmbeddingBag({ ...settings, ...tableOf(embeddings) });
      made.weight.requiresGrad = !(freeze ?? true);
      return made;
    },
  );

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
