// PyTorch's text of what surrounds tensors: tuples of sizes, and the named results of functions such as max.

/** A tuple of integers as Python prints it: `()`, `(3,)`, `(2, 3)`. */
export function tupleText(values: readonly number[]): string {
  return `(${values.join(", ")}${values.length === 1 ? "," : ""})`;
}

/** The text of a function's named results, `fields` being name → text in order. */
export function returnTypesText(name: string, fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([field, text]) => `${field}=${text}`);
  return `torch.return_types.${name}(\n${lines.join(",\n")})`;
}
