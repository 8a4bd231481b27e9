// Networks with torchvision's numbers: initial weights, names, outputs; weights from files.

import { createHash } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test, vi } from "vitest";
import { temporaryFiles } from "../support/files";

const { models } = torch.vision;
const file = temporaryFiles();

interface Expected {
  readonly parameters: number;
  readonly entries: number;
  readonly name: string;
  readonly output: readonly number[];
  readonly next: number;
}

const MODELS: readonly [name: string, options: object, expected: Expected][] = [
  [
    "resnet18",
    { numClasses: 7, zeroInitResidual: true },
    {
      parameters: 11180103,
      entries: 122,
      name: "layer4.1.bn2.num_batches_tracked",
      output: [0.034491, 0.040551, -0.000782],
      next: 0.718414,
    },
  ],
  [
    "squeezenet1_1",
    {},
    {
      parameters: 1235496,
      entries: 52,
      name: "features.12.expand3x3.bias",
      output: [0.047511, 0.041029, 0.039986],
      next: 0.617094,
    },
  ],
  [
    "mobilenet_v2",
    { widthMult: 0.35, numClasses: 5 },
    { parameters: 402533, entries: 314, name: "features.18.1.num_batches_tracked", output: [0, 0, 0], next: 0.960594 },
  ],
  [
    "mobilenet_v3_small",
    { numClasses: 5 },
    { parameters: 1522981, entries: 244, name: "classifier.0.bias", output: [0, 0, 0], next: 0.141612 },
  ],
  [
    "shufflenet_v2_x0_5",
    { numClasses: 4 },
    {
      parameters: 345892,
      entries: 338,
      name: "conv5.1.num_batches_tracked",
      output: [0.009924, -0.012778, -0.012696],
      next: 0.571356,
    },
  ],
  [
    "densenet121",
    {},
    {
      parameters: 7978856,
      entries: 727,
      name: "features.norm5.num_batches_tracked",
      output: [0.08338, -0.080923, -0.344451],
      next: 0.832977,
    },
  ],
];

test.each(MODELS)("%s has torchvision's names, initial weights and outputs", (name, options, expected) => {
  torch.manualSeed(0);
  const model = models.getModel(name, options);
  expect(torch.rand(1).item()).toBeCloseTo(expected.next, 5);
  expect(model.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0)).toBe(expected.parameters);
  const state = [...model.stateDict()];
  expect([state.length, state[state.length - 3][0]]).toEqual([expected.entries, expected.name]);
  model.eval();
  const output = torch.noGrad(() => model(torch.ones(1, 3, 64, 64)));
  for (const [k, value] of expected.output.entries()) expect(output.at(0, k).item()).toBeCloseTo(value, 4);
});

test("a network is trained with another head on frozen features", () => {
  const model = models.resnet18();
  for (const parameter of model.parameters()) parameter.requiresGrad_(false);
  model.fc = new torch.nn.Linear(512, 2);
  model(torch.rand(2, 3, 32, 32))
    .sum()
    .backward();
  const trained = [...model.namedParameters()].filter(([, parameter]) => parameter.grad !== null);
  expect(trained.map(([name]) => name)).toEqual(["fc.weight", "fc.bias"]);
});

test("GoogLeNet gives three results while it trains", () => {
  const model = models.googlenet({ numClasses: 3, initWeights: false });
  const output: unknown = model(torch.rand(2, 3, 64, 64));
  expect(Object.keys(output as object)).toEqual(["logits", "auxLogits2", "auxLogits1"]);
  model.eval();
  expect(`${torch.noGrad(() => model(torch.rand(2, 3, 64, 64))).shape}`).toBe("torch.Size([2, 3])");
});

test("weights come from a file, whose sum may stand in its name", () => {
  const source = models.squeezenet1_1({ numClasses: 3 });
  torch.save(source.stateDict(), file("state.pth"));
  const load = (name: string) => models.squeezenet1_1({ weights: file(name), numClasses: 3 });
  const [first] = load("state.pth").parameters();
  expect(first.equal(source.parameters()[0])).toBe(true);
  const sum = createHash("sha256")
    .update(readFileSync(file("state.pth")))
    .digest("hex");
  renameSync(file("state.pth"), file(`state-${sum.slice(0, 8)}.pth`));
  load(`state-${sum.slice(0, 8)}.pth`);
  renameSync(file(`state-${sum.slice(0, 8)}.pth`), file("state-00000000.pth"));
  expect(() => load("state-00000000.pth")).toThrow("does not begin with 00000000");
});

test("published weights have names, addresses and a preparation of pictures", () => {
  const { DEFAULT } = models.ResNet50_Weights;
  expect(inspect(DEFAULT)).toBe("ResNet50_Weights.IMAGENET1K_V2");
  expect(DEFAULT.url).toBe("https://download.pytorch.org/models/resnet50-11ad3fa6.pth");
  expect(inspect(DEFAULT.transforms())).toContain("resize_size=[232]");
  const image = new torch.vision.Image("RGB", [300, 240], new Uint8Array(300 * 240 * 3).fill(124));
  expect(`${DEFAULT.transforms()(image).shape}`).toBe("torch.Size([3, 224, 224])");
  expect(models.listModels()).toContain("wide_resnet101_2");
  expect(() => models.resnet18({ weights: "IMAGENET1K_V9" })).toThrow("ResNet18_Weights has no weights IMAGENET1K_V9");
  expect(() => models.getModel("resnet19")).toThrow("Unknown model resnet19");
});

test("what cannot be fetched is named, with the folder where it belongs", () => {
  vi.stubEnv("TORCH_HOME", file("home"));
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const address = "http://127.0.0.1:9/net-01234567.pth";
  expect(() => models.resnet18({ weights: address })).toThrow(
    new RegExp(`Error downloading ${address}[^]*put the file into ${file("home")}/hub/checkpoints`),
  );
  said.mockRestore();
  vi.unstubAllEnvs();
});
