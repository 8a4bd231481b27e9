// Sequences of different lengths: padded, packed, and through recurrent networks.

import * as torch from "cresset";
import { describe, expect, expectTypeOf, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const { rnn } = torch.nn.utils;
const x = torch.arange(12).to(torch.float32).reshape(3, 2, 2);

describe("packing", () => {
  test("goes step by step, longest sequence first", () => {
    const packed = rnn.packPaddedSequence(x, [1, 3], { enforceSorted: false });
    expect(String(packed)).toBe(
      "PackedSequence(data=tensor([[ 2.,  3.],\n        [ 0.,  1.],\n        [ 6.,  7.],\n        [10., 11.]]), " +
        "batch_sizes=tensor([2, 1, 1]), sorted_indices=tensor([1, 0]), unsorted_indices=tensor([1, 0]))",
    );
    const [padded, lengths] = rnn.padPackedSequence(packed);
    expect(padded.tolist()).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 0],
        [6, 7],
      ],
      [
        [0, 0],
        [10, 11],
      ],
    ]);
    expect(lengths.tolist()).toEqual([1, 3]);
  });

  test("of a sorted batch keeps no order", () => {
    const packed = rnn.packPaddedSequence(x.transpose(0, 1), torch.tensor([3, 1]), { batchFirst: true });
    expect(packed.sortedIndices).toBeNull();
    expect(packed.data.tolist()).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [8, 9],
    ]);
    const [data, batchSizes] = packed.double();
    expect(data?.dtype).toBe(torch.float64);
    expect(batchSizes?.tolist()).toEqual([2, 1, 1]);
  });

  test("pads to a length with a value", () => {
    const packed = rnn.packSequence([torch.tensor([1, 2]), torch.tensor([3])]);
    const [padded] = rnn.padPackedSequence(packed, { batchFirst: true, paddingValue: 7, totalLength: 3 });
    expect(padded.tolist()).toEqual([
      [1, 2, 7],
      [3, 7, 7],
    ]);
    expect(() => rnn.padPackedSequence(packed, { totalLength: 1 })).toThrow(
      "Expected total_length to be at least the length of the longest sequence in input, but got total_length=1 and max sequence length being 2",
    );
  });

  test("is undone sequence by sequence", () => {
    const sequences = [torch.tensor([1]), torch.tensor([2, 3, 4]), torch.tensor([5, 6])];
    const unpacked = rnn.unpackSequence(rnn.packSequence(sequences, { enforceSorted: false }));
    expect(unpacked.map((sequence) => sequence.tolist())).toEqual([[1], [2, 3, 4], [5, 6]]);
    const padded = rnn.padSequence(sequences, { batchFirst: true, paddingValue: -1 });
    expect(padded.tolist()).toEqual([
      [1, -1, -1],
      [2, 3, 4],
      [5, 6, -1],
    ]);
    expect(rnn.unpadSequence(padded, [1, 3, 2], true).map((sequence) => sequence.tolist())).toEqual([
      [1],
      [2, 3, 4],
      [5, 6],
    ]);
    expect(rnn.invertPermutation(torch.tensor([2, 0, 1])).tolist()).toEqual([1, 2, 0]);
  });

  test("refuses lengths that make no packing", () => {
    expect(() => rnn.packPaddedSequence(x, [1, 3])).toThrow(
      "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True.",
    );
    expect(() => rnn.packPaddedSequence(x, [3, 0])).toThrow("Length of all samples has to be greater than 0");
    expect(() => rnn.packPaddedSequence(x, [3])).toThrow(
      "Expected `len(lengths)` to be equal to batch_size, but got 1 (batch_size=2)",
    );
    expect(() => rnn.packPaddedSequence(x, torch.tensor([[3, 1]]))).toThrow(
      "'lengths' argument should be a 1D CPU int64 tensor, but got 2D cpu Long tensor",
    );
    expect(() => rnn.packPaddedSequence(torch.zeros(0, 2), [1, 1])).toThrow("Cannot pack empty tensors.");
    expect(() => rnn.padSequence([])).toThrow("received an empty list of sequences");
  });

  test("has a gradient, and one of the gradient", () => {
    const input = torch.randn(3, 2, 2, { dtype: torch.float64, requiresGrad: true });
    const there = (value: torch.Tensor) => {
      const packed = rnn.packPaddedSequence(value, [2, 3], { enforceSorted: false });
      return rnn.padPackedSequence(new rnn.PackedSequence(packed.data.pow(3), packed.batchSizes))[0];
    };
    expect(torch.autograd.gradcheck(there, [input])).toBe(true);
    expect(checkSecondDerivatives(there, [input])).toBe(true);
  });
});

/** Outputs in packed order, last states, the input's gradient, and the sum of one weight's, as PyTorch 1.13 has them. */
const expected = {
  RNN: {
    output: [0.308794, 0, 0.025404, 0.071525, 0, 0, 0, 0.087959, 0.497461, 0, 0, 0, 0.597512, 0.088834, 0, 0.235259],
    states: [
      [
        0, 1.360658, 0.639715, 0.441092, 0, 0, 0.914561, 0.457883, 0, 0, 0.597512, 0.088834, 0, 0.087959, 0.025404,
        0.071525,
      ],
    ],
    input: [1.254219, 1.235932, -0.874915, -1.512087, 0, 0, -0.532687, -0.111346, 0, 0, 0.054974, -0.836953],
    weight: 7.370695,
  },
  LSTM: {
    output: [0.017677, 0.025733, 0.016021, 0.012007, 0.028621, 0.01856, 0.035672, 0.009041],
    states: [
      [-0.013514, 0.253177, 0.002846, -0.10172, 0.016021, 0.035672, 0.012007, 0.025733],
      [
        -0.059689, 0.034295, 0.73425, -1.073526, -0.151577, 0.606939, 0.965569, -0.522744, 0.092858, -0.130674,
        0.159683, -0.381986, 0.129076, -0.137732, 0.232189, -0.292745,
      ],
    ],
    input: [0.375526, -0.006702, -0.520098, 0.411527, 0, 0, -0.302114, 0.36535, 0, 0, -0.057967, 0.115156],
    weight: -0.107055,
  },
  GRU: {
    output: [
      0.118746, 0.28708, -0.365701, -0.307968, 0.19496, 0.039692, 0.005652, 0.056552, 0.040792, 0.381781, -0.276212,
      -0.275469, -0.071047, 0.386726, -0.15643, -0.219315,
    ],
    states: [
      [
        0.135571, 0.448059, 0.474321, -0.279111, 0.199951, -0.213913, -0.607295, -0.067603, 0.19496, 0.039692,
        -0.071047, 0.386726, 0.005652, 0.056552, -0.365701, -0.307968,
      ],
    ],
    input: [0.198293, 0.007092, 0.20327, 0.046064, 0, 0, -0.077145, 0.049122, 0, 0, -0.136569, 0.063923],
    weight: 0.011212,
  },
};

/** Whether a tensor's elements are these, within the rounding of the written numbers. */
function expectNear(found: torch.Tensor, numbers: readonly number[]): void {
  const flat = found.detach().reshape(-1).tolist() as number[];
  expect(flat.length).toBe(numbers.length);
  flat.forEach((value, k) => {
    expect(value).toBeCloseTo(numbers[k], 5);
  });
}

describe("recurrent networks over packed sequences", () => {
  const settings = { numLayers: 2, bidirectional: true };
  const networks = {
    RNN: () => new torch.nn.RNN(2, 2, { ...settings, nonlinearity: "relu" }),
    LSTM: () => new torch.nn.LSTM(2, 2, { ...settings, projSize: 1 }),
    GRU: () => new torch.nn.GRU(2, 2, settings),
  };

  test.each(["RNN", "LSTM", "GRU"] as const)("%s has PyTorch's numbers, both ways", (kind) => {
    torch.manualSeed(7);
    const network = networks[kind]();
    const input = torch.randn(3, 2, 2, { requiresGrad: true });
    const packed = rnn.packPaddedSequence(input, [1, 3], { enforceSorted: false });
    const [output, last] = network(packed);
    const states = last instanceof torch.Tensor ? [last] : last;
    const [padded] = rnn.padPackedSequence(output);
    const cubes = states.map((state) => state.pow(3).sum());
    cubes.reduce((sum, cube) => sum.add(cube), padded.mul(padded).sum()).backward();

    const numbers = expected[kind];
    expectNear(output.data, numbers.output);
    states.forEach((state, k) => {
      expectNear(state, numbers.states[k]);
    });
    expectNear(input.grad as torch.Tensor, numbers.input);
    const weight = network.getParameter("weight_hh_l0_reverse").grad as torch.Tensor;
    expect(weight.sum().item()).toBeCloseTo(numbers.weight, 4);
  });

  test("give what each sequence gives alone", () => {
    const network = new torch.nn.GRU(2, 3, { bidirectional: true });
    const sequences = [torch.randn(2, 2), torch.randn(4, 2)];
    const [output] = network(rnn.packSequence(sequences, { enforceSorted: false }));
    expectTypeOf(output).toEqualTypeOf<torch.nn.utils.rnn.PackedSequence>();
    rnn.unpackSequence(output).forEach((found, k) => {
      expect(torch.allclose(found, network(sequences[k])[0], { atol: 1e-6 })).toBe(true);
    });
  });

  test("take states in the order of the batch, of the right size", () => {
    const network = new torch.nn.LSTM(2, 3);
    const packed = rnn.packPaddedSequence(x, [1, 3], { enforceSorted: false });
    const [hidden, cell] = [torch.randn(1, 2, 3), torch.randn(1, 2, 3)];
    const [, [last]] = network(packed, [hidden, cell]);
    const alone = network(x.narrow(0, 0, 1), [hidden, cell])[0];
    expect(torch.allclose(last.select(1, 0), alone.select(1, 0), { atol: 1e-6 })).toBe(true);
    expect(() => new torch.nn.GRU(2, 3)(rnn.packPaddedSequence(x, [3, 1]), torch.zeros(1, 1, 3))).toThrow(
      "Expected hidden size (1, 2, 3), got [1, 1, 3]",
    );
    expect(() => new torch.nn.GRU(5, 3)(packed)).toThrow(
      "input.size(-1) must be equal to input_size. Expected 5, got 2",
    );
  });
});
