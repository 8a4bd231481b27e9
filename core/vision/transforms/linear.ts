// A tensor of a picture through a matrix, as for whitening.

import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { Transform } from "./transform";

const tuple = (x: Tensor) => pythonText([...x.sizes]);

/**
 * A tensor (…, channels, height, width), flattened to D numbers, less a mean, times a matrix (D, D). Throws ShapeError when sizes do
 * not fit. Source: torchvision.transforms.LinearTransformation.
 */
export class LinearTransformation extends Transform<Tensor, Tensor> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def LinearTransformation(Tensor transformationMatrix, Tensor meanVector)",
  );

  /** (D, D). */
  readonly transformationMatrix: Tensor;
  /** (D). */
  readonly meanVector: Tensor;

  constructor(transformationMatrix: Tensor, meanVector: Tensor);
  constructor(options: { transformationMatrix: Tensor; meanVector: Tensor });
  constructor(...args: unknown[]) {
    super();
    type Given = { transformationMatrix: Tensor; meanVector: Tensor };
    const { transformationMatrix: matrix, meanVector: mean } = LinearTransformation[signature].complete<Given>(args);
    if (matrix.sizes[0] !== matrix.sizes[1]) {
      throw new ShapeError(`transformation_matrix should be square. Got ${tuple(matrix)} rectangular matrix.`);
    }
    if (mean.sizes[0] !== matrix.sizes[0]) {
      throw new ShapeError(
        `mean_vector should have the same length ${mean.sizes[0]} as any one of the dimensions of the transformation_matrix [${tuple(matrix)}]`,
      );
    }
    this.transformationMatrix = matrix;
    this.meanVector = mean;
  }

  forward(input: Tensor): Tensor {
    const shape = input.sizes.slice(-3);
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== this.transformationMatrix.sizes[0]) {
      throw new ShapeError(
        `Input tensor and transformation matrix have incompatible shape.[${shape.join(" x ")}] != ${this.transformationMatrix.sizes[0]}`,
      );
    }
    return input
      .reshape(-1, count)
      .sub(this.meanVector)
      .mm(this.transformationMatrix)
      .view([...input.sizes]);
  }

  protected override extraRepr(): string {
    const list = (x: Tensor) => JSON.stringify(x.tolist(), (_, value) => value).replaceAll(",", ", ");
    return `transformation_matrix=${list(this.transformationMatrix)}, mean_vector=${list(this.meanVector)}`;
  }
}
