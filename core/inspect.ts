// How values are shown by Node's `console.log` and at prompts.

/** The name of the method by which Node's `util.inspect` shows a value: `inspect.custom`, without the types of Node. */
export const inspectSymbol: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
