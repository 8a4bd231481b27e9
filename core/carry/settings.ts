// What a front-end says of its own: cells have globals and variables that no module exports.

/** Objects whose properties are variables: of these only what a function mentions is carried. */
const variables = new WeakSet<object>();

/** CommonJS files that a worker loads before it runs code of cells. */
const preloaded: string[] = [];

export function isVariables(value: object): boolean {
  return variables.has(value);
}

export function preloadedFiles(): readonly string[] {
  return preloaded;
}

/** Says that compiled code finds its variables as properties of `owner`, and loads `file` before it runs. */
export function carryVariables(owner: object, file: string): void {
  variables.add(owner);
  preloaded.push(file);
}
