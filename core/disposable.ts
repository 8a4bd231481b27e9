// What ends with the block that declares it: `using _ = torch.noGrad();`, as Python's `with`. `using` reads the property `Symbol.dispose`
// where it stands and calls what it found at the end of the block. A mode is therefore entered when that property is read, so that
// `torch.noGrad()` alone, as in a decorator, changes nothing.

declare global {
  /** Declared here as well, so that these types stand in projects that name no others. */
  interface SymbolConstructor {
    /** The method that `using` calls at the end of a block. */
    readonly dispose: unique symbol;
  }
}

/** Ends at the end of the block that declares it with `using`. */
export interface Ending {
  [Symbol.dispose](): void;
}

/** Makes `target` a mode for `using`: `enter` begins it and gives back what ends it. */
export function withEntry<T extends object>(target: T, enter: () => () => void): T & Ending {
  return Object.defineProperty(target, Symbol.dispose, { get: enter }) as T & Ending;
}
