// What every cell has without an import: values at run time, and through its declarations their types. Loading it loads the library.

import * as torch from "../../core/index";
import "./globals";

export { plot } from "../../core/display/chart";
export { tqdm } from "../../core/display/tqdm";
export { torch };
