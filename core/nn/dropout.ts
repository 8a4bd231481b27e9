// Dropout layers, one row each: they drop in training mode only.

import * as F from "./functional/dropout";
import { float, layer, type LayerRow } from "./layer";

interface Options {
  p?: number;
  inplace?: boolean;
}
type Parameters = [p?: number, inplace?: boolean];

function dropping(drop: F.Dropout): LayerRow<Options> {
  return {
    takes: "def _DropoutNd(float p=0.5, bool inplace=False)",
    shows: { p: float },
    prepare: (settings) => {
      F.checkProbability(settings.p);
      return settings;
    },
    forward: (x, { p, training, inplace }) => drop(x, p, training, inplace),
  };
}

/** Sets elements to 0 with probability `p` (0.5) in training. Option: `inplace`. Source: torch.nn.Dropout. */
export class Dropout extends layer<Parameters, Options>(dropping(F.dropout)) {}
/** Drops whole channels of (N, C, L). Options: `p`, `inplace`. Source: torch.nn.Dropout1d. */
export class Dropout1d extends layer<Parameters, Options>(dropping(F.dropout1d)) {}
/** Drops whole channels of (N, C, H, W). Options: `p`, `inplace`. Source: torch.nn.Dropout2d. */
export class Dropout2d extends layer<Parameters, Options>(dropping(F.dropout2d)) {}
/** Drops whole channels of (N, C, D, H, W). Options: `p`, `inplace`. Source: torch.nn.Dropout3d. */
export class Dropout3d extends layer<Parameters, Options>(dropping(F.dropout3d)) {}
/** Dropout for selu networks. Options: `p`, `inplace`. Source: torch.nn.AlphaDropout. */
export class AlphaDropout extends layer<Parameters, Options>(dropping(F.alphaDropout)) {}
/** Dropout of whole channels for selu networks. Options: `p`, `inplace`. Source: torch.nn.FeatureAlphaDropout. */
export class FeatureAlphaDropout extends layer<Parameters, Options>(dropping(F.featureAlphaDropout)) {}
