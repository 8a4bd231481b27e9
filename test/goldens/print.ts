// The group `print`: the text of tensors, modules, optimizers, sizes, dtypes and devices (format: test/data/goldens/print/README.md).

import { inspect } from "node:util";
import { type Case, type Group, jsonFiles, type Options, readJson, Uncovered } from "./cases";
import { compareText } from "./compare";
import { type Bag, call, callMethod, camelKeys, isBag } from "./library";
import { baseScope, evaluateOne, recordingConsole } from "./snippet";
import { fromNested, makeTensor } from "./tensors";

interface PrintCase {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly js: string | null;
  readonly model_js?: string;
  readonly input?: { dtype: string; shape: number[]; data: unknown; requires_grad?: boolean; device?: string };
  readonly options?: Bag;
  readonly form?: "str" | "print";
}

/** A tensor that says it lies on another device: its text must not depend on the presence of that device. */
function underDevice(tensor: unknown, name: string): unknown {
  const device = call("torch.device", name);
  return isBag(tensor) ? Object.create(tensor, { device: { value: device } }) : tensor;
}

function textOf(test: PrintCase, options: Options): string {
  if (test.input) {
    const { dtype, shape, data, requires_grad, device } = test.input;
    let tensor = makeTensor(fromNested(dtype, shape, data), options.device);
    if (requires_grad) tensor = callMethod(tensor, "requires_grad_");
    return inspect(underDevice(tensor, device ?? "cpu"));
  }
  if (test.model_js !== undefined) {
    const entries = callMethod(evaluateOne(test.model_js, baseScope()), "state_dict");
    const pairs: [string, unknown][] = entries instanceof Map ? [...entries] : Object.entries(Object(entries));
    return pairs.map(([key, value]) => `${key} ${String(callMethod(value, "size"))}`).join("\n");
  }
  if (test.js === null) throw new Uncovered("the naming rule gives no spelling");
  const console = recordingConsole();
  const value = evaluateOne(test.js, { ...baseScope(), console });
  if (test.form === "print") return console.text();
  return test.form === "str" ? String(value) : inspect(value);
}

function runCase(test: PrintCase, options: Options): void {
  if (test.options) call("torch.set_printoptions", camelKeys(test.options));
  compareText(test.js ?? test.model_js ?? test.kind, textOf(test, options), test.text);
}

function* cases(options: Options): Iterable<Case> {
  for (const file of jsonFiles(options, "print")) {
    for (const test of readJson<{ cases: PrintCase[] }>(options, "print", `${file}.json`).cases) {
      yield { id: test.id, file, run: () => runCase(test, options) };
    }
  }
}

/** Printed forms. */
export const print: Group = { name: "print", cases };
