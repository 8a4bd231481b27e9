// Recurrent networks over sequences: layers and directions around the steps of core/ops/network/rnn.ts.

import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { cat, stack } from "../ops/create/join";
import { split } from "../ops/view/split";
import { gruStep, lstmStep, steps } from "../ops/network/rnn";
import { text } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { dropout } from "./functional/dropout";
import { linear } from "./functional/linear";
import { uniform_ } from "./init";
import { snakeCase, typeName } from "../tensor/python-text";
import { InputModule, settingsText, type Shown } from "./layer";
import { stateKey } from "./members";
import type { Nonlinearity } from "./rnn-cell";
import { PackedSequence } from "./packed";

// biome-ignore-start lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature

/** What recurrent networks take by name. */
export interface RNNOptions extends FactoryOptions {
  inputSize?: number;
  hiddenSize?: number;
  /** Default 1. */
  numLayers?: number;
  bias?: boolean;
  /** Whether inputs are (B, T, …) rather than (T, B, …). Default false. */
  batchFirst?: boolean;
  /** Dropout between layers, in training. Default 0. */
  dropout?: number;
  /** Whether sequences are read both ways. Default false. */
  bidirectional?: boolean;
  /** Size that an LSTM's hidden state is projected to. Default 0: none. */
  projSize?: number;
}

type RNNArguments = Arguments<
  [
    inputSize: number,
    hiddenSize: number,
    numLayers?: number,
    bias?: boolean,
    batchFirst?: boolean,
    dropout?: number,
    bidirectional?: boolean,
    projSize?: number,
    ...factory: Factory,
  ],
  RNNOptions
>;

/** What all take; `own` are further parameters, which only names give. */
function takes(own = ""): Signature {
  const flags = "bool bias=True, bool batchFirst=False, value dropout=0.0, bool bidirectional=False, int projSize=0";
  return new Signature(`def RNNBase(int inputSize, int hiddenSize, value numLayers=1, ${flags}, ${FACTORY}${own})`);
}

/** The weights of one layer in one direction. */
interface Weights {
  input: Tensor;
  hidden: Tensor;
  inputBias: Tensor | null;
  hiddenBias: Tensor | null;
  projection: Tensor | null;
}

/** States of one layer in one direction: hidden, and cell for LSTM. */
type States = readonly Tensor[];

/**
 * The types of calls with packed sequences, and of those without states, which are alike for all networks: one of several kinds
 * can be called.
 */
interface SequenceCalls<S, R> {
  (input: Tensor): [output: Tensor, states: R];
  (input: PackedSequence): [output: PackedSequence, states: R];
  (input: PackedSequence, hx: S | null): [output: PackedSequence, states: R];
}

/** Rows of all states. */
const rows = (states: States, start: number, end: number): States =>
  states.map((state) => state.narrow(0, start, end - start));

/**
 * States for a packed step of `count` rows: those of sequences that end before it go to `ended`, those of sequences that begin
 * with it (read backward) are the first ones.
 */
function fitted(states: States, first: States, count: number, ended: States[]): States {
  const have = states[0].sizes[0];
  if (count < have) {
    ended.push(rows(states, count, have));
    return rows(states, 0, count);
  }
  if (count === have) return states;
  const begun = rows(first, have, count);
  return have === 0 ? begun : states.map((state, k) => cat([state, begun[k]]));
}

/** Recurrent networks of a kind; `gates` parts make up the weights' rows. */
abstract class RNNBase<S> extends InputModule<{ input: Tensor; hx?: S | null }> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;

  constructor(given: Required<RNNOptions>, gates: number) {
    super();
    const { inputSize, hiddenSize, numLayers, bias, batchFirst, dropout: p, bidirectional, projSize } = given;
    if (typeof p !== "number" || !(p >= 0 && p <= 1)) {
      throw new ArgumentError(
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
      );
    }
    if (!Number.isSafeInteger(numLayers) || numLayers <= 0) {
      throw new ArgumentError("num_layers must be greater than zero");
    }
    if (projSize < 0) {
      throw new ArgumentError("proj_size should be a positive integer or zero to disable projections");
    }
    if (projSize >= hiddenSize && projSize > 0) throw new ArgumentError("proj_size has to be smaller than hidden_size");
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = p;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    const rows = gates * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const width = layer === 0 ? inputSize : this.outputSize * this.directions;
      for (const suffix of this.suffixes(layer)) {
        this.registerParameter(`weightIh${suffix}`, emptyParameter([rows, width], given));
        this.registerParameter(`weightHh${suffix}`, emptyParameter([rows, this.outputSize], given));
        if (bias) {
          this.registerParameter(`biasIh${suffix}`, emptyParameter([rows], given));
          this.registerParameter(`biasHh${suffix}`, emptyParameter([rows], given));
        }
        if (projSize > 0) this.registerParameter(`weightHr${suffix}`, emptyParameter([projSize, hiddenSize], given));
      }
    }
    this.resetParameters();
  }

  private get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** Width of the hidden state. */
  private get outputSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  private suffixes(layer: number): string[] {
    return this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
  }

  /** Draws new values. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** Kept for PyTorch's programs: weights need no flattening. */
  flattenParameters(): void {}

  override [stateKey](property: string): string {
    return snakeCase(property);
  }

  private weights(suffix: string): Weights {
    // A plain tensor where a parametrization or a hook computes the weight.
    const named = (name: string): Tensor | null => {
      const value: unknown = Reflect.get(this, `${name}${suffix}`);
      return value instanceof Tensor ? value : null;
    };
    return {
      input: named("weightIh") as Tensor,
      hidden: named("weightHh") as Tensor,
      inputBias: named("biasIh"),
      hiddenBias: named("biasHh"),
      projection: named("weightHr"),
    };
  }

  /** The next states from the input's share of the gates and the states. */
  protected abstract step(fromInput: Tensor, states: States, weights: Weights): States;

  /** One layer in one direction over (T, B, …), or over packed steps of `counts` rows: outputs and last states. */
  private walk(
    input: Tensor,
    first: States,
    weights: Weights,
    reverse: boolean,
    counts: readonly number[] | null,
  ): { output: Tensor; last: States } {
    const whole = linear(input, weights.input, weights.inputBias);
    const gates = counts === null ? steps(whole) : split(whole, counts);
    const outputs: Tensor[] = [];
    const ended: States[] = [];
    let states = counts === null ? first : rows(first, 0, reverse ? 0 : counts[0]);
    for (const fromInput of reverse ? gates.reverse() : gates) {
      if (counts !== null) states = fitted(states, first, fromInput.sizes[0], ended);
      states = this.step(fromInput, states, weights);
      outputs.push(states[0]);
    }
    if (reverse) outputs.reverse();
    if (counts === null) return { output: stack(outputs), last: states };
    const last = states.map((state, k) => cat([state, ...ended.map((rest) => rest[k]).reverse()]));
    return { output: cat(outputs), last };
  }

  /**
   * The whole network over a checked (T, B, inputSize), or packed (ΣL, inputSize) in steps of `counts` rows; `initial` holds
   * (layers · directions, B, …) per state.
   */
  private layers(
    input: Tensor,
    initial: readonly Tensor[],
    counts: readonly number[] | null,
  ): { output: Tensor; last: Tensor[] } {
    const firsts = initial.map(steps);
    const lasts: States[] = [];
    let value = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = this.suffixes(layer).map((suffix, d) => {
        const at = layer * this.directions + d;
        const { output, last } = this.walk(
          value,
          firsts.map((list) => list[at]),
          this.weights(suffix),
          d === 1,
          counts,
        );
        lasts.push(last);
        return output;
      });
      value = outputs.length === 1 ? outputs[0] : cat(outputs, -1);
      if (this.dropout > 0 && layer < this.numLayers - 1) value = dropout(value, this.dropout, this.training);
    }
    return { output: value, last: initial.map((_, k) => stack(lasts.map((states) => states[k]))) };
  }

  /** Throws ShapeError for another width than the network takes. */
  private requireWidth(width: number): void {
    if (width === this.inputSize) return;
    throw new ShapeError(`input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${width}`);
  }

  /** The states to begin with, (layers · directions, batch, …) each: zeros unless given. */
  private initial(
    x: Tensor,
    batch: number,
    given: readonly Tensor[] | null,
    widths: readonly number[],
    names: readonly string[],
  ): Tensor[] {
    const count = this.numLayers * this.directions;
    return widths.map((width, k) => {
      const expected = [count, batch, width];
      if (given === null) return x.newZeros(expected);
      if (text(given[k].sizes) !== text(expected)) {
        throw new ShapeError(`Expected ${names[k]} size (${expected.join(", ")}), got ${text(given[k].sizes)}`);
      }
      return given[k];
    });
  }

  /** Runs over packed sequences. States have the order of the batch. */
  private runPacked(
    input: PackedSequence,
    given: readonly Tensor[] | null,
    widths: readonly number[],
    names: readonly string[],
  ) {
    const { data, batchSizes, sortedIndices, unsortedIndices } = input;
    if (data.ndim !== 2) throw new ShapeError(`input must have 2 dimensions, got ${data.ndim}`);
    this.requireWidth(data.sizes[1]);
    const counts = batchSizes.tolist() as number[];
    const sorted =
      sortedIndices === null ? given : (given?.map((state) => state.indexSelect(1, sortedIndices)) ?? null);
    const { output, last } = this.layers(data, this.initial(data, counts[0], sorted, widths, names), counts);
    return {
      output: new PackedSequence(output, batchSizes, sortedIndices, unsortedIndices),
      last: unsortedIndices === null ? last : last.map((state) => state.indexSelect(1, unsortedIndices)),
    };
  }

  /** Runs over (T, B, I), (B, T, I) or (T, I); states are zeros unless given. */
  private run(input: Tensor, given: readonly Tensor[] | null, widths: readonly number[], names: readonly string[]) {
    const batched = input.ndim === 3;
    const batchDim = this.batchFirst ? 0 : 1;
    const whole = batched ? input : input.unsqueeze(batchDim);
    if (whole.ndim !== 3) throw new ShapeError(`input must have 3 dimensions, got ${whole.ndim}`);
    this.requireWidth(whole.sizes[2]);
    const x = this.batchFirst ? whole.transpose(0, 1) : whole;
    const states = given?.map((state) => {
      if (state.ndim !== (batched ? 3 : 2)) {
        throw new ShapeError(
          `For ${batched ? "batched 3-D" : "unbatched 2-D"} input, hx should also be ${batched ? 3 : 2}-D but got ${state.ndim}-D tensor`,
        );
      }
      return batched ? state : state.unsqueeze(1);
    });
    const initial = this.initial(x, x.sizes[1], states ?? null, widths, names);
    const { output, last } = this.layers(x, initial, null);
    const placed = this.batchFirst ? this.turned(output) : output;
    return {
      output: batched ? placed : placed.squeeze(batchDim),
      last: batched ? last : last.map((state) => state.squeeze(1)),
    };
  }

  /** Runs over a tensor or packed sequences. */
  protected over(
    input: Tensor | PackedSequence,
    given: readonly Tensor[] | null,
    widths: readonly number[],
    names: readonly string[],
  ): { output: Tensor | PackedSequence; last: Tensor[] } {
    if (input instanceof PackedSequence) return this.runPacked(input, given, widths, names);
    if (input instanceof Tensor) return this.run(input, given, widths, names);
    throw new ArgumentError(
      `${this.constructor.name}: input must be a Tensor or a PackedSequence, not ${typeName(input)}`,
    );
  }

  /** (T, B, …) as (B, T, …): of what nobody else has, in place. PyTorch shows the output of an LSTM as a view. */
  protected turned(output: Tensor): Tensor {
    return output.transpose_(0, 1);
  }

  /** @internal Widths of hidden and cell state. */
  protected get widths(): [hidden: number, cell: number] {
    return [this.outputSize, this.hiddenSize];
  }

  override extraRepr(): string {
    const settings: [string, unknown, Shown?][] = [
      ["inputSize", this.inputSize, { positional: true }],
      ["hiddenSize", this.hiddenSize, { positional: true }],
    ];
    if (this.projSize !== 0) settings.push(["projSize", this.projSize]);
    if (this.numLayers !== 1) settings.push(["numLayers", this.numLayers]);
    if (!this.bias) settings.push(["bias", false]);
    if (this.batchFirst) settings.push(["batchFirst", true]);
    if (this.dropout !== 0) settings.push(["dropout", this.dropout]);
    if (this.bidirectional) settings.push(["bidirectional", true]);
    return settingsText(settings);
  }
}

interface PlainOptions extends Omit<RNNOptions, "projSize"> {
  /** Default "tanh". */
  nonlinearity?: Nonlinearity;
}

type PlainArguments = Arguments<
  [
    inputSize: number,
    hiddenSize: number,
    numLayers?: number,
    bias?: boolean,
    batchFirst?: boolean,
    dropout?: number,
    bidirectional?: boolean,
  ],
  PlainOptions
>;

/** Throws ArgumentError for a projection, which only an LSTM has. */
function refuseProjection({ projSize }: { readonly projSize?: number }): void {
  if (projSize) throw new ArgumentError("proj_size argument is only supported for LSTM, not RNN or GRU");
}

export interface RNN extends SequenceCalls<Tensor, Tensor> {}

/** h' = tanh(W x + b + U h + c) over sequences. Options: see RNNOptions, `nonlinearity`. Source: torch.nn.RNN. */
export class RNN extends RNNBase<Tensor> {
  /** @internal */
  static readonly [signature] = takes(", *, str nonlinearity='tanh'");
  static {
    readsMethods(RNN, "def RNN.forward(Tensor|object input, Tensor? hx=None)");
  }

  readonly nonlinearity: Nonlinearity;

  constructor(...args: PlainArguments);
  constructor(options: Named<PlainOptions, "inputSize" | "hiddenSize">);
  constructor(...args: PlainArguments | [PlainOptions]) {
    const given = RNN[signature].complete<PlainOptions & RNNOptions>(args);
    refuseProjection(given);
    const { nonlinearity } = given;
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new ArgumentError(`Unknown nonlinearity '${String(nonlinearity)}'`);
    }
    super(given, 1);
    this.nonlinearity = nonlinearity;
  }

  protected step(fromInput: Tensor, [h]: States, weights: Weights): States {
    const sum = fromInput.add(linear(h, weights.hidden, weights.hiddenBias));
    return [this.nonlinearity === "tanh" ? sum.tanh() : sum.relu()];
  }

  /** Outputs of all steps, and the last state of every layer and direction. Packed sequences give packed outputs. */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hn: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [unknown, Tensor] {
    const { output, last } = this.over(input, hx === null ? null : [hx], [this.hiddenSize], ["hidden"]);
    return [output, last[0]];
  }
}

export interface LSTM extends SequenceCalls<readonly [hn: Tensor, cn: Tensor], [hn: Tensor, cn: Tensor]> {}

/** Long short-term memory over sequences. Options: see RNNOptions. Source: torch.nn.LSTM. */
export class LSTM extends RNNBase<readonly [Tensor, Tensor]> {
  /** @internal */
  static readonly [signature] = takes();
  static {
    readsMethods(LSTM, "def LSTM.forward(Tensor|object input, Tensor[]? hx=None)");
  }

  constructor(...args: RNNArguments);
  constructor(options: Named<RNNOptions, "inputSize" | "hiddenSize">);
  constructor(...args: RNNArguments | [RNNOptions]) {
    super(LSTM[signature].complete<RNNOptions>(args), 4);
  }

  protected step(fromInput: Tensor, [h, c]: States, weights: Weights): States {
    const [hidden, cell] = lstmStep(fromInput.add(linear(h, weights.hidden, weights.hiddenBias)), c);
    return [weights.projection === null ? hidden : linear(hidden, weights.projection), cell];
  }

  protected override turned(output: Tensor): Tensor {
    return output.transpose(0, 1);
  }

  /** Outputs of all steps, and the last hidden and cell states of every layer and direction. Packed sequences give packed outputs. */
  override forward(
    input: PackedSequence,
    hx?: readonly [Tensor, Tensor] | null,
  ): [output: PackedSequence, states: [hn: Tensor, cn: Tensor]];
  override forward(
    input: Tensor,
    hx?: readonly [Tensor, Tensor] | null,
  ): [output: Tensor, states: [hn: Tensor, cn: Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    hx: readonly [Tensor, Tensor] | null = null,
  ): [unknown, [Tensor, Tensor]] {
    const { output, last } = this.over(input, hx, this.widths, ["hidden[0]", "hidden[1]"]);
    return [output, [last[0], last[1]]];
  }
}

export interface GRU extends SequenceCalls<Tensor, Tensor> {}

/** Gated recurrent units over sequences. Options: see RNNOptions. Source: torch.nn.GRU. */
export class GRU extends RNNBase<Tensor> {
  /** @internal */
  static readonly [signature] = takes();
  static {
    readsMethods(GRU, "def GRU.forward(Tensor|object input, Tensor? hx=None)");
  }

  constructor(...args: RNNArguments);
  constructor(options: Named<RNNOptions, "inputSize" | "hiddenSize">);
  constructor(...args: RNNArguments | [RNNOptions]) {
    const given = GRU[signature].complete<RNNOptions>(args);
    refuseProjection(given);
    super(given, 3);
  }

  protected step(fromInput: Tensor, [h]: States, weights: Weights): States {
    return [gruStep(fromInput, linear(h, weights.hidden, weights.hiddenBias), h)];
  }

  /** Outputs of all steps, and the last state of every layer and direction. Packed sequences give packed outputs. */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hn: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hn: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [unknown, Tensor] {
    const { output, last } = this.over(input, hx === null ? null : [hx], [this.hiddenSize], ["hidden"]);
    return [output, last[0]];
  }
}

// biome-ignore-end lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature
