// Cells: one step of a recurrent network.

import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { gruStep, lstmStep } from "../ops/network/rnn";
import type { Parameter, Tensor } from "../tensor/tensor";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { linear } from "./functional/linear";
import { uniform_ } from "./init";
import { snakeCase } from "../tensor/python-text";
import { InputModule, settingsText, type Shown } from "./layer";
import { stateKey } from "./members";

interface CellOptions extends FactoryOptions {
  inputSize?: number;
  hiddenSize?: number;
  bias?: boolean;
}

/** The weights of a cell with a number of gates. */
abstract class Cell<S> extends InputModule<{ input: Tensor; hx?: S | null }> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  declare weightIh: Parameter;
  declare weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  constructor(given: Required<CellOptions>, gates: number) {
    super();
    const { inputSize, hiddenSize, bias } = given;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.registerParameter("weightIh", emptyParameter([gates * hiddenSize, inputSize], given));
    this.registerParameter("weightHh", emptyParameter([gates * hiddenSize, hiddenSize], given));
    this.registerParameter("biasIh", bias ? emptyParameter([gates * hiddenSize], given) : null);
    this.registerParameter("biasHh", bias ? emptyParameter([gates * hiddenSize], given) : null);
    this.resetParameters();
  }

  /** Draws new values. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  override [stateKey](property: string): string {
    return snakeCase(property);
  }

  /** The input with a batch dimension, checked. */
  protected batched(input: Tensor): Tensor {
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new ShapeError(
        `${this.constructor.name}: Expected input to be 1-D or 2-D but received ${input.ndim}-D tensor`,
      );
    }
    const x = input.ndim === 1 ? input.unsqueeze(0) : input;
    if (x.sizes[1] !== this.inputSize) {
      throw new ShapeError(`input has inconsistent input_size: got ${x.sizes[1]} expected ${this.inputSize}`);
    }
    return x;
  }

  /** A state with a batch dimension; zeros when none is given. */
  protected state(x: Tensor, given: Tensor | null | undefined): Tensor {
    if (given === null || given === undefined) return x.newZeros([x.sizes[0], this.hiddenSize]);
    const h = given.ndim === 1 ? given.unsqueeze(0) : given;
    if (h.sizes[0] !== x.sizes[0]) {
      throw new ShapeError(`Input batch size ${x.sizes[0]} doesn't match hidden batch size ${h.sizes[0]}`);
    }
    if (h.sizes[1] !== this.hiddenSize) {
      throw new ShapeError(`hidden has inconsistent hidden_size: got ${h.sizes[1]}, expected ${this.hiddenSize}`);
    }
    return h;
  }

  protected fromInput(x: Tensor): Tensor {
    return linear(x, this.weightIh, this.biasIh);
  }

  protected fromHidden(h: Tensor): Tensor {
    return linear(h, this.weightHh, this.biasHh);
  }

  protected described(): [string, unknown, Shown?][] {
    const settings: [string, unknown, Shown?][] = [
      ["inputSize", this.inputSize, { positional: true }],
      ["hiddenSize", this.hiddenSize, { positional: true }],
    ];
    if (this.biasIh === null) settings.push(["bias", false]);
    return settings;
  }

  override extraRepr(): string {
    return settingsText(this.described());
  }
}

type CellParameters = [inputSize: number, hiddenSize: number, bias?: boolean];
type CellArguments = Arguments<[...cell: CellParameters, ...factory: Factory], CellOptions>;
const CELL = "int inputSize, int hiddenSize, bool bias=True";

/** The nonlinearity of a plain recurrent network. */
export type Nonlinearity = "tanh" | "relu";

interface RNNCellOptions extends CellOptions {
  nonlinearity?: Nonlinearity;
}

type RNNCellArguments = Arguments<
  [...cell: CellParameters, nonlinearity?: Nonlinearity, ...factory: Factory],
  RNNCellOptions
>;

/** h' = tanh(W x + b + U h + c). Options: `bias`, `nonlinearity` ("tanh" or "relu"). Source: torch.nn.RNNCell. */
export class RNNCell extends Cell<Tensor> {
  /** @internal */
  static readonly [signature] = new Signature(`def RNNCell(${CELL}, str nonlinearity='tanh', ${FACTORY})`);
  static {
    readsMethods(RNNCell, "def RNNCell.forward(Tensor input, Tensor? hx=None)");
  }

  readonly nonlinearity: Nonlinearity;

  constructor(...args: RNNCellArguments);
  constructor(options: Named<RNNCellOptions, "inputSize" | "hiddenSize">);
  constructor(...args: RNNCellArguments | [RNNCellOptions]) {
    const given = RNNCell[signature].complete<RNNCellOptions>(args);
    super(given, 1);
    this.nonlinearity = given.nonlinearity;
  }

  /** (B, inputSize) or (inputSize), and the state; gives the next state. */
  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const x = this.batched(input);
    const sum = this.fromInput(x).add(this.fromHidden(this.state(x, hx)));
    if (this.nonlinearity !== "tanh" && this.nonlinearity !== "relu") {
      throw new ArgumentError(`Unknown nonlinearity: ${String(this.nonlinearity)}`);
    }
    const out = this.nonlinearity === "tanh" ? sum.tanh() : sum.relu();
    return input.ndim === 1 ? out.squeeze(0) : out;
  }

  protected override described(): [string, unknown, Shown?][] {
    const settings = super.described();
    if (this.nonlinearity !== "tanh") settings.push(["nonlinearity", this.nonlinearity, { bare: true }]);
    return settings;
  }
}

/** One step of an LSTM. Option: `bias`. Source: torch.nn.LSTMCell. */
export class LSTMCell extends Cell<readonly [Tensor, Tensor]> {
  /** @internal */
  static readonly [signature] = new Signature(`def LSTMCell(${CELL}, ${FACTORY})`);
  static {
    readsMethods(LSTMCell, "def LSTMCell.forward(Tensor input, Tensor[]? hx=None)");
  }

  constructor(...args: CellArguments);
  constructor(options: Named<CellOptions, "inputSize" | "hiddenSize">);
  constructor(...args: CellArguments | [CellOptions]) {
    super(LSTMCell[signature].complete<CellOptions>(args), 4);
  }

  /** (B, inputSize) or (inputSize), and hidden and cell state; gives the next ones. */
  override forward(input: Tensor, hx: readonly [Tensor, Tensor] | null = null): [Tensor, Tensor] {
    const x = this.batched(input);
    const gates = this.fromInput(x).add(this.fromHidden(this.state(x, hx?.[0])));
    const next = lstmStep(gates, this.state(x, hx?.[1]));
    return input.ndim === 1 ? [next[0].squeeze(0), next[1].squeeze(0)] : next;
  }
}

/** One step of a GRU. Option: `bias`. Source: torch.nn.GRUCell. */
export class GRUCell extends Cell<Tensor> {
  /** @internal */
  static readonly [signature] = new Signature(`def GRUCell(${CELL}, ${FACTORY})`);
  static {
    readsMethods(GRUCell, "def GRUCell.forward(Tensor input, Tensor? hx=None)");
  }

  constructor(...args: CellArguments);
  constructor(options: Named<CellOptions, "inputSize" | "hiddenSize">);
  constructor(...args: CellArguments | [CellOptions]) {
    super(GRUCell[signature].complete<CellOptions>(args), 3);
  }

  /** (B, inputSize) or (inputSize), and the state; gives the next state. */
  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const x = this.batched(input);
    const state = this.state(x, hx);
    const out = gruStep(this.fromInput(x), this.fromHidden(state), state);
    return input.ndim === 1 ? out.squeeze(0) : out;
  }
}
