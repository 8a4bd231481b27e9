// What every cell has without an import: values at run time, and through its declarations their types. Loading it loads the library.

import * as torch from "../../../core/index";
import "../globals";

export { plot, show, tqdm, trange } from "../../../core/index";
export { clearOutput, display, newDisplay } from "./display";
export { enumerate, iter, next, range, zip } from "./iteration";
export { torch };
export import nn = torch.nn;
export import F = torch.nn.functional;
export import optim = torch.optim;
