// The values of one case of the group `ops`: encoded arguments become the library's values, and what was made of them stays known by its
// path, for gradients and for arguments that a call changes.

import { callMethod, camelKeys } from "./library";
import { type Contents, dtypeObject, makeTensor, spelledNumber } from "./tensors";

/** A value as it lies in the file. */
export type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json };

/** An encoded value that is an object. */
export type JsonObject = { readonly [key: string]: Json };
/** Whether an encoded value is an object. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values that one case makes: decoded arguments by path, leaves by path, variables by name. */
export class Operands {
  readonly values = new Map<string, unknown>();
  readonly leaves = new Map<string, unknown>();
  readonly variables = new Map<string, unknown>();

  constructor(
    readonly stored: (name: string) => Contents,
    readonly device: string,
  ) {}

  decode(value: Json, path: string): unknown {
    const decoded = this.plain(value, path);
    this.values.set(path, decoded);
    return decoded;
  }

  private plain(value: Json, path: string): unknown {
    if (Array.isArray(value)) return value.map((item, i) => this.decode(item, `${path}.${i}`));
    if (!isObject(value)) return value;
    if ("tensor" in value) return this.tensor(value, path);
    if ("var" in value) return this.variables.get(String(value.var));
    if ("float" in value) return spelledNumber(String(value.float));
    if ("int" in value) return BigInt(String(value.int));
    if ("dtype" in value) return dtypeObject(String(value.dtype));
    if (Array.isArray(value.slice)) return sliceText(value.slice);
    if ("ellipsis" in value) return "...";
    if ("newaxis" in value) return null;
    if (isObject(value.dict)) {
      return Object.fromEntries(Object.entries(value.dict).map(([k, v]) => [k, this.decode(v, `${path}.${k}`)]));
    }
    throw new Error(`unknown encoding ${JSON.stringify(value)}`);
  }

  private tensor(value: JsonObject, path: string): unknown {
    let tensor = makeTensor(this.stored(String(value.tensor)), this.device);
    if (isObject(value.strided)) {
      const { shape, stride, offset } = value.strided;
      tensor = callMethod(tensor, "as_strided", shape, stride, offset);
    }
    if (value.requires_grad === true) {
      tensor = callMethod(tensor, "requires_grad_");
      this.leaves.set(path, tensor);
    }
    return value.clone === true ? callMethod(tensor, "clone") : tensor;
  }

  /** Positional arguments, and the keyword ones as one trailing object. */
  arguments(step: { args: Json[]; kwargs: { [name: string]: Json } }, prefix = ""): unknown[] {
    const args = step.args.map((arg, i) => this.decode(arg, `${prefix}args.${i}`));
    const names = Object.keys(step.kwargs);
    if (names.length === 0) return args;
    const kwargs = Object.fromEntries(names.map((k) => [k, this.decode(step.kwargs[k], `${prefix}kwargs.${k}`)]));
    return [...args, camelKeys(kwargs)];
  }
}

function sliceText(parts: readonly Json[]): string {
  const [start, stop, step] = parts.map((part) => (part === null || part === undefined ? "" : String(part)));
  return step === "" ? `${start}:${stop}` : `${start}:${stop}:${step}`;
}
