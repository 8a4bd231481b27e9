// Pictures saved from tensors.

import { extname } from "node:path";
import { signed } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { noGrad } from "../../autograd/modes";
import { uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { writeJpeg, writePng } from "../io/image";
import { makeGrid } from "./grid";

/**
 * Writes a picture from 0 to 1, or several as a grid, to a PNG or JPEG file, whole or not at all. `format`: "png" or "jpeg", by default what
 * the name of the file says; by name the options of `makeGrid`. Throws ArgumentError for a file of another format.
 * Source: torchvision.utils.save_image.
 */
export const saveImage = signed(
  "def saveImage(Tensor|Tensor[] tensor, value fp, str? format=None, *, int nrow=8, int padding=2, bool normalize=False, float[]? valueRange=None, bool scaleEach=False, float padValue=0.0)",
  saveImageOf,
);

function saveImageOf(
  images: Tensor | readonly Tensor[],
  file: string | URL,
  format: "png" | "jpeg" | null = null,
  nrow = 8,
  padding = 2,
  normalize = false,
  valueRange: readonly [low: number, high: number] | null = null,
  scaleEach = false,
  padValue = 0,
): void {
  const ending = format ?? extname(String(file)).slice(1).toLowerCase();
  const grid = noGrad(() => makeGrid(images, nrow, padding, normalize, valueRange, scaleEach, padValue));
  const planes = grid.mul(255).add(0.5).clamp(0, 255).to(uint8);
  if (ending === "png") writePng(planes, file);
  else if (ending === "jpg" || ending === "jpeg") writeJpeg(planes, file);
  else throw new ArgumentError(`unknown file extension: .${ending}`);
}
