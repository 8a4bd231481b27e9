// The group `vision`: transforms, models and IDX files (format: test/data/goldens/vision/README.md).

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { gunzipSync } from "node:zlib";
import { type Case, type Group, jsonFiles, type Options, readJson } from "./cases";
import { compareJson, compareText } from "./compare";
import { type Bag, call, callMethod, construct, isBag, lookup, Mismatch, member } from "./library";
import { compareRecorded, compareWithin, type RecordedTensor, type WholeTensor } from "./recorded";
import { baseScope, evaluateOne, withNamespace } from "./snippet";
import { describe, fromBase64, makeTensor, readShape, readTensor } from "./tensors";

interface RecordedImage {
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  readonly b64: string;
}

type Output = { readonly image?: RecordedImage; readonly tensor?: WholeTensor; readonly sequence?: Output[] };

interface VisionCase {
  readonly id: string;
  readonly kind: string;
  readonly js: string;
  readonly input?: string;
  readonly seed?: number;
  readonly output?: Output & ModelOutput;
  readonly next_rand?: WholeTensor;
  readonly text?: string;
}

interface ModelOutput {
  readonly first: number[];
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

interface ModelCase extends VisionCase {
  readonly parameters: number;
  readonly state_dict: [string, number[], string][];
  readonly next_rand_after_construction: WholeTensor;
  readonly initial: (RecordedTensor & { name: string })[];
  readonly noise_abs: number;
}

interface IdxCase {
  readonly id: string;
  readonly kind: string;
  readonly outcome?: string;
  readonly file_b64?: string;
  readonly gz?: boolean;
  readonly result?: WholeTensor;
  readonly js?: string;
  readonly files?: { readonly [name: string]: string };
  readonly train_len?: number;
  readonly classes?: string[];
  readonly targets?: number[];
  readonly data_shape?: number[];
  readonly train_item_1?: { readonly image: WholeTensor };
}

interface Inputs {
  readonly images: { readonly [name: string]: RecordedImage };
  readonly tensors: { readonly [name: string]: WholeTensor };
}

const exact = { ulps: 0 };
const visionScope = () => withNamespace("torch.vision", baseScope());

function makeImage({ mode, width, height, b64 }: RecordedImage): unknown {
  return construct("torch.vision.Image", mode, [width, height], new Uint8Array(Buffer.from(b64, "base64")));
}

/** Images are equal to the byte, or differ by one in a channel where colours are computed. */
function compareImage(what: string, got: unknown, expected: RecordedImage, slack: number): void {
  const size = { mode: member(got, "mode"), width: member(got, "width"), height: member(got, "height") };
  compareJson(what, size, { mode: expected.mode, width: expected.width, height: expected.height });
  const bytes = member(got, "data");
  const wanted = Buffer.from(expected.b64, "base64");
  if (!(bytes instanceof Uint8Array) || bytes.length !== wanted.length)
    throw new Mismatch(`${what}: other number of bytes`);
  const wrong = wanted.findIndex((value, i) => Math.abs(bytes[i] - value) > slack);
  if (wrong >= 0) throw new Mismatch(`${what}: byte ${wrong} is ${bytes[wrong]}, expected ${wanted[wrong]}`);
}

function compareOutput(what: string, got: unknown, expected: Output): void {
  if (expected.image) compareImage(what, got, expected.image, 1);
  else if (expected.tensor) compareWithin(what, got, expected.tensor, { rtol: 1e-5, atol: 1e-5 });
  else if (expected.sequence) {
    const items = Array.isArray(got) ? got : [];
    compareJson(`${what}, items`, items.length, expected.sequence.length);
    expected.sequence.forEach((item, i) => {
      compareOutput(`${what}[${i}]`, items[i], item);
    });
  }
}

function checkNext(expected: WholeTensor | undefined): void {
  if (expected) compareRecorded("next torch.rand(1)", call("torch.rand", 1), expected, exact);
}

function runTransform(test: VisionCase, inputs: Inputs): void {
  lookup("torch.vision.transforms");
  if (test.text !== undefined) {
    compareText(test.js, inspect(evaluateOne(test.js, visionScope())), test.text);
    return;
  }
  const name = test.input ?? "";
  const tensor = inputs.tensors[name];
  const input = tensor ? makeTensor(fromBase64(tensor), "cpu") : makeImage(inputs.images[name]);
  if (test.seed !== undefined) call("torch.manual_seed", test.seed);
  const scope: Bag = { ...visionScope(), x: input, make_grid: lookup("torch.vision.utils.make_grid") };
  const made = evaluateOne(test.js, scope);
  const output = test.kind === "make_grid" || typeof made !== "function" ? made : made(input);
  compareOutput("output", output, test.output ?? {});
  checkNext(test.next_rand);
}

function runModel(test: ModelCase): void {
  lookup("torch.vision.models");
  call("torch.manual_seed", test.seed);
  const model = evaluateOne(test.js, visionScope());
  const state = callMethod(model, "state_dict");
  const entries: [string, unknown][] = state instanceof Map ? [...state] : Object.entries(Object(state));
  compareJson(
    "state_dict",
    entries.map(([name, value]) => [
      name,
      readShape(member(value, "shape")),
      String(member(value, "dtype")).replace("torch.", ""),
    ]),
    test.state_dict,
  );
  const initial = new Map(entries);
  for (const tensor of test.initial) {
    compareRecorded(tensor.name, initial.get(tensor.name), tensor, { ulps: 2, or: { rtol: 1e-5, atol: 1e-6 } });
  }
  checkNext(test.next_rand_after_construction);
  if (test.text !== undefined) compareText("text", inspect(model), test.text);
  callMethod(model, "eval");
  if (typeof model !== "function" || !test.output) throw new Mismatch("the model is not callable");
  const output: unknown = call("torch.no_grad", () => model(call("torch.ones", 1, 3, 224, 224)));
  const atol = Math.max(2e-4 * test.output.std, 20 * test.noise_abs);
  const values = readTensor(output).values.map(Number);
  const wrong = test.output.first.findIndex((value, i) => !(Math.abs(values[i] - value) <= atol));
  if (wrong >= 0) throw new Mismatch(`output[${wrong}]: ${values[wrong]}, expected ${test.output.first[wrong]}`);
}

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "cresset-vision-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runIdx(test: IdxCase): void {
  const read = lookup("torch.vision.datasets.read_idx");
  if (typeof read !== "function") throw new Mismatch("readIdx is not a function");
  withFolder((folder) => {
    const path = join(folder, test.gz ? "file.gz" : "file");
    writeFileSync(path, Buffer.from(test.file_b64 ?? "", "base64"));
    let tensor: unknown;
    try {
      tensor = read(path);
    } catch (error) {
      if (test.outcome === "rejects") return;
      throw error;
    }
    if (test.outcome === "rejects") throw new Mismatch(`read a file that must be rejected: ${describe(tensor)}`);
    if (test.result) compareRecorded("result", tensor, test.result, exact);
  });
}

function runDataset(test: IdxCase): void {
  lookup("torch.vision.datasets.FashionMNIST");
  withFolder((root) => {
    const raw = join(root, "FashionMNIST", "raw");
    mkdirSync(raw, { recursive: true });
    for (const packed of [true, false]) {
      for (const [name, b64] of Object.entries(test.files ?? {})) {
        const bytes = Buffer.from(b64, "base64");
        if (packed) writeFileSync(join(raw, name), bytes);
        else {
          rmSync(join(raw, name), { force: true });
          writeFileSync(join(raw, name.replace(/\.gz$/, "")), gunzipSync(bytes));
        }
      }
      const dataset = evaluateOne(String(test.js), { ...visionScope(), root });
      compareJson("length", member(dataset, "length"), test.train_len);
      compareJson("classes", member(dataset, "classes"), test.classes);
      compareJson("targets", Array.from(readTensor(member(dataset, "targets")).values, Number), test.targets);
      compareJson("data", readShape(member(member(dataset, "data"), "shape")), test.data_shape);
      const item = callMethod(dataset, "get", 1);
      const image = Array.isArray(item) ? item[0] : isBag(item) ? item[0] : undefined;
      if (test.train_item_1) compareWithin("item 1", image, test.train_item_1.image, { rtol: 0, atol: 0 });
    }
  });
}

function* cases(options: Options): Iterable<Case> {
  for (const file of jsonFiles(options, "vision")) {
    const { meta, cases: tests } = readJson<{ meta: Inputs; cases: (ModelCase & IdxCase)[] }>(
      options,
      "vision",
      `${file}.json`,
    );
    const kinds: { readonly [kind: string]: (test: ModelCase & IdxCase) => void } = {
      model: runModel,
      idx: runIdx,
      dataset: runDataset,
    };
    for (const test of tests) {
      yield { id: test.id, file, run: () => (kinds[test.kind] ? kinds[test.kind](test) : runTransform(test, meta)) };
    }
  }
}

/** Images, models and data files. */
export const vision: Group = { name: "vision", cases };
