// Pictures saved from tensors.

import { extname } from "node:path";
import { ArgumentError } from "../../errors";
import { noGrad } from "../../autograd/modes";
import { uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { writeJpeg, writePng } from "../io/image";
import { makeGrid } from "./grid";

/** What `makeGrid` takes by name, and the format of a file. */
export interface SaveImageOptions {
  nrow?: number;
  padding?: number;
  normalize?: boolean;
  valueRange?: readonly [low: number, high: number] | null;
  scaleEach?: boolean;
  padValue?: number;
  /** "png" or "jpeg"; default: as the name of the file says. */
  format?: "png" | "jpeg";
}

/**
 * Writes a picture from 0 to 1, or several as a grid, to a PNG or JPEG file, whole or not at all. Options: those of `makeGrid`, and
 * `format`. Throws ArgumentError for a file of another format. Source: torchvision.utils.save_image.
 */
export function saveImage(
  images: Tensor | readonly Tensor[],
  file: string | URL,
  options: SaveImageOptions = {},
): void {
  const { format, ...grid } = options;
  const ending = format ?? extname(String(file)).slice(1).toLowerCase();
  const planes = noGrad(() => makeGrid(images, grid).mul(255).add(0.5).clamp(0, 255).to(uint8));
  if (ending === "png") writePng(planes, file);
  else if (ending === "jpg" || ending === "jpeg") writeJpeg(planes, file);
  else throw new ArgumentError(`unknown file extension: .${ending}`);
}
