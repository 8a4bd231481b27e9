// Pictures mirrored at random.

import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { rand } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { PlaneTransform } from "./planes";

abstract class RandomFlip extends PlaneTransform {
  /** @internal */
  static readonly [signature] = new Signature("def RandomFlip(float p=0.5)");

  /** How often a picture is mirrored. */
  readonly p: number;
  /** The dimension that turns round. */
  protected abstract readonly dim: number;

  /** `p`: the probability, default 0.5. Throws ArgumentError for one outside of 0…1. */
  constructor(p?: number | { p?: number });
  constructor(...args: unknown[]) {
    super();
    this.p = RandomFlip[signature].complete<{ p: number }>(args).p;
    if (!(this.p >= 0 && this.p <= 1)) throw new ArgumentError(`the probability p is from 0 to 1, got ${this.p}`);
  }

  protected change(planes: Tensor): Tensor {
    return rand(1).item() < this.p ? planes.flip(this.dim) : planes;
  }

  protected override extraRepr(): string {
    return `p=${pythonText(this.p)}`;
  }
}

/** Left and right exchanged with probability `p` (0.5). Source: torchvision.transforms.RandomHorizontalFlip. */
export class RandomHorizontalFlip extends RandomFlip {
  protected readonly dim = -1;
}

/** Top and bottom exchanged with probability `p` (0.5). Source: torchvision.transforms.RandomVerticalFlip. */
export class RandomVerticalFlip extends RandomFlip {
  protected readonly dim = -2;
}
