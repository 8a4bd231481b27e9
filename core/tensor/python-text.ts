// Numbers, flags and tuples as Python prints them, for the texts of modules and optimizers.

/** What pythonText accepts; other objects print by their own toString. */
export type PythonValue =
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly PythonValue[]
  | { toString(): string };

/** Python's repr switches to exponents below 1e-4 and from 1e16; JavaScript below 1e-6 and from 1e21. */
function floatText(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  const magnitude = Math.abs(x);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [mantissa, exponent] = x.toExponential().split("e");
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  // Between those limits only magnitudes below 1e-6 would get an exponent, so String() is already decimal.
  const text = String(x);
  return Number.isInteger(x) ? `${text}.0` : text;
}

/** Python's `format(x, ".3f")`: `digits` decimals of the exact value, a half rounded to even. Throws RangeError beyond 0 to 100 digits. */
export function fixedText(x: number, digits: number): string {
  if (!Number.isInteger(digits) || digits < 0 || digits > 100)
    throw new RangeError(`the number of digits must be a whole number from 0 to 100, but is ${digits}`);
  if (!Number.isFinite(x)) return floatText(x);
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const magnitude = Math.abs(x);
  // toFixed writes exponents from 1e21 on, where all numbers are whole.
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const rounded = magnitude.toFixed(digits);
  // toFixed rounds a half up: a number whose decimals end there with a 5.
  const exact = magnitude.toFixed(100);
  const isHalf = /^50*$/.test(exact.slice(exact.length - (100 - digits)));
  const isUneven = Number(rounded[rounded.length - 1]) % 2 === 1;
  return sign + (isHalf && isUneven ? exact.slice(0, digits === 0 ? -101 : digits - 100) : rounded);
}

function stringText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
  return quote + (quote === "'" ? escaped.replace(/'/g, "\\'") : escaped) + quote;
}

/**
 * Python's repr of a value: `1e-05`, `0.5`, `inf`, `True`, `None`, `'same'`, `(2, 2)`, `(3,)`.
 * An integer-valued number prints as an int; with `float` as a float (`1.0`), inside tuples too.
 */
export function pythonText(value: PythonValue, options: { float?: boolean } = {}): string {
  if (value === null || value === undefined) return "None";
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) && !options.float ? BigInt(value).toString() : floatText(value);
    case "boolean":
      return value ? "True" : "False";
    case "string":
      return stringText(value);
  }
  if (Array.isArray(value)) {
    const items = value.map((item: PythonValue) => pythonText(item, options));
    return `(${items.join(", ")}${items.length === 1 ? "," : ""})`;
  }
  return value.toString();
}

/** PyTorch's spelling of a camelCase name: `weightDecay` → `weight_decay`, `TMax` → `T_max`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The library's spelling of PyTorch's name: `weight_decay` → `weightDecay`, `T_max` → `TMax`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=.)_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name of a value's type as messages give it: Python's for plain values, `torch.FloatTensor` for tensors, else its class. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "bigint") return "int";
  if (Array.isArray(value)) return "list";
  const { dtype } = value as { dtype?: { tensorName?: unknown } };
  if (typeof dtype?.tensorName === "string" && "sizes" in (value as object)) return `torch.${dtype.tensorName}`;
  const made: unknown = (value as object).constructor;
  const name = typeof made === "function" ? made.name : "";
  return name === "Object" || name === "" ? "dict" : name === "Function" ? "function" : name;
}
