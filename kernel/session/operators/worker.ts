// What compiled cells find as globals, for workers of loaders that run functions of cells.

import { operators } from "./runtime";

Object.defineProperty(globalThis, "__tslab__", { value: { operators }, configurable: true });
