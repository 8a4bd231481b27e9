// What builders of models share: their options, and convolutions with what follows them.

import { BatchNorm2d, Conv2d, GroupNorm, init, Linear, type Module, ReLU, Sequential } from "../../nn";
import type { Parameter } from "../../tensor/tensor";
import type { Weights } from "./weights";

/** What every builder takes by name; classes of models take the rest. */
export interface BuilderOptions {
  /** Trained weights: one of the model's enum or its name ("DEFAULT", "IMAGENET1K_V1"), or the path or URL of a .pth file. Default null. */
  weights?: Weights | string | URL | null;
  /** The old way to ask for weights. Deprecated. */
  pretrained?: boolean;
  /** Taken as in torchvision; nothing depends on it. */
  progress?: boolean;
}

/** What a normalisation takes by name. */
export interface NormSettings {
  eps?: number;
  momentum?: number;
}

/** A layer that normalises so many channels. */
export type NormLayer = new (channels: number, settings?: NormSettings) => Module;

/** What `convNorm` takes by name. */
export interface ConvNormOptions {
  kernelSize?: number;
  stride?: number;
  groups?: number;
  normLayer?: NormLayer;
  /** Settings of the normalisation. */
  norm?: NormSettings;
  /** Default ReLU; null: none. */
  activation?: (new (options: { inplace: boolean }) => Module) | null;
}

/** A convolution, a normalisation and an activation in a row, each applied in turn. */
export class Conv2dNormActivation extends Sequential {
  constructor(inputs: number, outputs: number, options: ConvNormOptions = {}) {
    const { kernelSize = 3, stride = 1, groups = 1, normLayer = BatchNorm2d, norm, activation = ReLU } = options;
    const padding = Math.floor((kernelSize - 1) / 2);
    const layers: Module[] = [
      new Conv2d(inputs, outputs, { kernelSize, stride, padding, groups, bias: false }),
      new normLayer(outputs, norm),
    ];
    if (activation !== null) layers.push(new activation({ inplace: true }));
    super(...layers);
  }
}

/** The number of channels next to `value` that `divisor` divides, at most a tenth below it. */
export function divisible(value: number, divisor: number): number {
  const nearest = Math.max(divisor, Math.floor((value + divisor / 2) / divisor) * divisor);
  return nearest < 0.9 * value ? nearest + divisor : nearest;
}

/** Scale 1 and shift 0 for a normalisation; other modules stay as they are. */
export function initNorm(module: Module): void {
  if (!(module instanceof BatchNorm2d || module instanceof GroupNorm)) return;
  if (module.weight !== null) init.ones_(module.weight as Parameter);
  if (module.bias !== null) init.zeros_(module.bias as Parameter);
}

/** The initial weights of the MobileNets. Source: torchvision.models.mobilenetv2. */
export function initMobile(model: Module): void {
  for (const module of model.modules()) {
    if (module instanceof Conv2d) {
      init.kaimingNormal_(module.weight, { mode: "fan_out" });
      if (module.bias !== null) init.zeros_(module.bias);
    } else if (module instanceof Linear) {
      init.normal_(module.weight, 0, 0.01);
      init.zeros_(module.bias as Parameter);
    } else initNorm(module);
  }
}
