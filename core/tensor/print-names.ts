// PyTorch's text of the small values beside tensors: sizes, dtypes, devices, and the named results of functions such as max.

/** A tuple of integers as Python prints it: `()`, `(3,)`, `(2, 3)`. */
export function tupleText(values: readonly number[]): string {
  return `(${values.join(", ")}${values.length === 1 ? "," : ""})`;
}

/** `torch.Size([2, 3])`. */
export function sizeText(shape: readonly number[]): string {
  return `torch.Size([${shape.join(", ")}])`;
}

/** `torch.float32`. */
export function dtypeText(name: string): string {
  return `torch.${name}`;
}

/** What `repr` gives for a device: `device(type='cuda', index=1)`. */
export function deviceRepr(type: string, index: number | null = null): string {
  return index === null ? `device(type='${type}')` : `device(type='${type}', index=${index})`;
}

/** What `str` gives for a device: `cuda:1`. */
export function deviceText(type: string, index: number | null = null): string {
  return index === null ? type : `${type}:${index}`;
}

/** The text of a function's named results, `fields` being name → text in order. */
export function returnTypesText(name: string, fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([field, text]) => `${field}=${text}`);
  return `torch.return_types.${name}(\n${lines.join(",\n")})`;
}
