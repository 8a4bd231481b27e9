// A call in both spellings.

import { snakeCase } from "../../core/tensor/python-text";
import type { TensorSpec, Value } from "./calls-arguments";
import { pythonName } from "./calls-names";
import { type Call, split } from "./calls-run";

function nested(
  data: readonly (number | string)[],
  sizes: readonly number[],
  one: (v: number | string) => string,
): string {
  if (sizes.length === 0) return one(data[0]);
  const [n, ...rest] = sizes;
  const step = rest.reduce((m, k) => m * k, 1);
  const parts = Array.from({ length: n }, (_, k) => nested(data.slice(k * step, (k + 1) * step), rest, one));
  return `[${parts.join(", ")}]`;
}

/** How a language writes values and tensors. */
interface Spelling {
  number(v: number | string): string;
  constant: { readonly [name: string]: string };
  name(name: string): string;
  options(list: readonly string[]): string;
  spaces: { readonly [space: string]: string };
  given(name: string, value: string): string;
}

const PYTHON: Spelling = {
  number: (v) => (typeof v === "string" ? `float("${v}")` : String(v)),
  constant: { null: "None", true: "True", false: "False" },
  name: snakeCase,
  options: (list) => list.join(", "),
  spaces: { torch: "torch", functional: "F", linalg: "torch.linalg", special: "torch.special" },
  given: (name, value) => `${name}=${value}`,
};

const JAVASCRIPT: Spelling = {
  number: (v) => (v === "nan" ? "NaN" : v === "inf" ? "Infinity" : v === "-inf" ? "-Infinity" : String(v)),
  constant: { null: "null", true: "true", false: "false" },
  name: (name) => name,
  options: (list) => `{ ${list.join(", ")} }`,
  spaces: { torch: "torch", functional: "F", linalg: "torch.linalg", special: "torch.special" },
  given: (name, value) => `${name}: ${value}`,
};

function tensorText(spec: TensorSpec, how: Spelling): string {
  const options = [how.given("dtype", `torch.${spec.dtype}`)];
  if (spec.grad) options.push(how.given(how.name("requiresGrad"), how.constant.true));
  const empty = spec.sizes.includes(0);
  const made = empty
    ? `torch.zeros([${spec.sizes.join(", ")}], ${how.options(options)})`
    : `torch.tensor(${nested(spec.data, spec.sizes, how.number)}, ${how.options(options)})`;
  return spec.layout === null ? made : `${made}/* laid out: ${JSON.stringify(spec.layout).replaceAll('"', "")} */`;
}

function valueText(v: Value, call: Call, how: Spelling): string {
  if (Array.isArray(v)) return `[${v.map((item) => valueText(item, call, how)).join(", ")}]`;
  if (typeof v === "object" && v !== null) {
    if ("tensor" in v) return tensorText(call.tensors[v.tensor], how);
    return "dtype" in v ? `torch.${v.dtype}` : how.number(v.number);
  }
  if (typeof v === "number") return how.number(v);
  return typeof v === "string" ? JSON.stringify(v) : how.constant[String(v)];
}

function spell(call: Call, how: Spelling, name: string): string {
  const { args, named } = split(call);
  const texts = args.map((v) => valueText(v, call, how));
  if (named.length > 0)
    texts.push(how.options(named.map(([key, v]) => how.given(how.name(key), valueText(v, call, how)))));
  if (call.space === "method") return `${texts[0]}.${name}(${texts.slice(1).join(", ")})`;
  return `${how.spaces[call.space]}.${name}(${texts.join(", ")})`;
}

/** The call in Python. */
export function python(call: Call): string {
  return spell(call, PYTHON, pythonName(call.name));
}

/** The call in TypeScript. */
export function javascript(call: Call): string {
  return spell(call, JAVASCRIPT, call.name);
}
