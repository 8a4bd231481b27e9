// Recurrent networks over sequences: layers and directions around the steps of core/ops/network/rnn.ts.

import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { cat, stack } from "../ops/create/join";
import { gruStep, lstmStep, steps } from "../ops/network/rnn";
import { text } from "../tensor/shape";
import { Parameter, type Tensor } from "../tensor/tensor";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { dropout } from "./functional/dropout";
import { linear } from "./functional/linear";
import { uniform_ } from "./init";
import { snakeCase } from "../tensor/python-text";
import { InputModule, settingsText, type Shown } from "./layer";
import { stateKey } from "./members";
import type { Nonlinearity } from "./rnn-cell";

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
    const named = (name: string): Parameter | null => {
      const value: unknown = Reflect.get(this, `${name}${suffix}`);
      return value instanceof Parameter ? value : null;
    };
    return {
      input: named("weightIh") as Parameter,
      hidden: named("weightHh") as Parameter,
      inputBias: named("biasIh"),
      hiddenBias: named("biasHh"),
      projection: named("weightHr"),
    };
  }

  /** The next states from the input's share of the gates and the states. */
  protected abstract step(fromInput: Tensor, states: States, weights: Weights): States;

  /** One layer in one direction over (T, B, …): outputs and last states. */
  private walk(input: Tensor, first: States, weights: Weights, reverse: boolean): { output: Tensor; last: States } {
    const gates = steps(linear(input, weights.input, weights.inputBias));
    const outputs: Tensor[] = [];
    let states = first;
    for (const fromInput of reverse ? gates.reverse() : gates) {
      states = this.step(fromInput, states, weights);
      outputs.push(states[0]);
    }
    return { output: stack(reverse ? outputs.reverse() : outputs), last: states };
  }

  /** The whole network over a checked (T, B, inputSize); `initial` holds (layers · directions, B, …) per state. */
  private layers(input: Tensor, initial: readonly Tensor[]): { output: Tensor; last: Tensor[] } {
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
        );
        lasts.push(last);
        return output;
      });
      value = outputs.length === 1 ? outputs[0] : cat(outputs, 2);
      if (this.dropout > 0 && layer < this.numLayers - 1) value = dropout(value, this.dropout, this.training);
    }
    return { output: value, last: initial.map((_, k) => stack(lasts.map((states) => states[k]))) };
  }

  /** Runs over (T, B, I), (B, T, I) or (T, I); states are zeros unless given. */
  protected run(input: Tensor, given: readonly Tensor[] | null, widths: readonly number[], names: readonly string[]) {
    const batched = input.ndim === 3;
    const batchDim = this.batchFirst ? 0 : 1;
    const whole = batched ? input : input.unsqueeze(batchDim);
    if (whole.ndim !== 3) throw new ShapeError(`input must have 3 dimensions, got ${whole.ndim}`);
    if (whole.sizes[2] !== this.inputSize) {
      throw new ShapeError(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${whole.sizes[2]}`,
      );
    }
    const x = this.batchFirst ? whole.transpose(0, 1) : whole;
    const count = this.numLayers * this.directions;
    const initial = widths.map((width, k) => {
      const expected = [count, x.sizes[1], width];
      if (given === null) return x.newZeros(expected);
      if (given[k].ndim !== (batched ? 3 : 2)) {
        throw new ShapeError(
          `For ${batched ? "batched 3-D" : "unbatched 2-D"} input, hx should also be ${batched ? 3 : 2}-D but got ${given[k].ndim}-D tensor`,
        );
      }
      const state = batched ? given[k] : given[k].unsqueeze(1);
      if (text(state.sizes) !== text(expected)) {
        throw new ShapeError(`Expected ${names[k]} size (${expected.join(", ")}), got ${text(state.sizes)}`);
      }
      return state;
    });
    const { output, last } = this.layers(x, initial);
    const placed = this.batchFirst ? this.turned(output) : output;
    return {
      output: batched ? placed : placed.squeeze(batchDim),
      last: batched ? last : last.map((state) => state.squeeze(1)),
    };
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

/** h' = tanh(W x + b + U h + c) over sequences. Options: see RNNOptions, `nonlinearity`. Source: torch.nn.RNN. */
export class RNN extends RNNBase<Tensor> {
  /** @internal */
  static readonly [signature] = takes(", *, str nonlinearity='tanh'");
  static {
    readsMethods(RNN, "def RNN.forward(Tensor input, Tensor? hx=None)");
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

  /** Outputs of all steps, and the last state of every layer and direction. */
  override forward(input: Tensor, hx: Tensor | null = null): [output: Tensor, hn: Tensor] {
    const { output, last } = this.run(input, hx === null ? null : [hx], [this.hiddenSize], ["hidden"]);
    return [output, last[0]];
  }
}

/** Long short-term memory over sequences. Options: see RNNOptions. Source: torch.nn.LSTM. */
export class LSTM extends RNNBase<readonly [Tensor, Tensor]> {
  /** @internal */
  static readonly [signature] = takes();
  static {
    readsMethods(LSTM, "def LSTM.forward(Tensor input, Tensor[]? hx=None)");
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

  /** Outputs of all steps, and the last hidden and cell states of every layer and direction. */
  override forward(
    input: Tensor,
    hx: readonly [Tensor, Tensor] | null = null,
  ): [output: Tensor, states: [hn: Tensor, cn: Tensor]] {
    const { output, last } = this.run(input, hx, this.widths, ["hidden[0]", "hidden[1]"]);
    return [output, [last[0], last[1]]];
  }
}

/** Gated recurrent units over sequences. Options: see RNNOptions. Source: torch.nn.GRU. */
export class GRU extends RNNBase<Tensor> {
  /** @internal */
  static readonly [signature] = takes();
  static {
    readsMethods(GRU, "def GRU.forward(Tensor input, Tensor? hx=None)");
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

  /** Outputs of all steps, and the last state of every layer and direction. */
  override forward(input: Tensor, hx: Tensor | null = null): [output: Tensor, hn: Tensor] {
    const { output, last } = this.run(input, hx === null ? null : [hx], [this.hiddenSize], ["hidden"]);
    return [output, last[0]];
  }
}
