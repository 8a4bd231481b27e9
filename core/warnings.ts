// What the library tells without failing, as Python's `warnings` module does.

const told = new Set<string>();

/** Prints a warning in Python's words on stderr; the same text only once. */
export function warn(text: string): void {
  if (told.has(text)) return;
  told.add(text);
  console.warn(`UserWarning: ${text}`);
}
