// The published types as a cell sees them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { beforeAll, expect, test } from "vitest";
import { root } from "../support/child";

const typings = join(root, "dist", "core");
const entry = join(typings, "index.d.ts");
const consumer = join(root, "dist", "consumer.ts");

/** What a user might write; the annotations must hold, and the marked line must be refused. */
const consumerText = `
import * as torch from "cresset";
const { nn, optim } = torch;
class Net extends nn.Module {
  fc1 = new nn.Linear(4, 3);
  fc2 = new nn.Linear(3, 2);
  forward(x: torch.Tensor): torch.Tensor { return this.fc2(this.fc1(x).relu()); }
}
const model = new Net();
const out: torch.Tensor = model(torch.ones(5, 4));
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
optimizer.zeroGrad();
const loss: number = nn.functional.crossEntropy(out, torch.zeros(5, { dtype: torch.int64 })).item();
export const sizes: readonly number[] = out.shape;
export const classes: string[] = out.argmax(1).tolist().map((label) => "ab"[label]);
export const rows: number[][] = out.tolist();
// @ts-expect-error a model takes tensors
model("text");
export { loss };
`;

let program: ts.Program;

beforeAll(() => {
  expect(existsSync(entry), "the library is compiled (npm run build)").toBe(true);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    paths: { cresset: [entry] },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === consumer || fileExists(name);
  host.readFile = (name) => (name === consumer ? consumerText : readFile(name));
  host.getSourceFile = (name, language, ...rest) =>
    name === consumer
      ? ts.createSourceFile(name, consumerText, language, true)
      : getSourceFile(name, language, ...rest);
  program = ts.createProgram([consumer, entry], options, host);
});

const messages = (file: ts.SourceFile) =>
  [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText, start }) =>
      `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
  );

test("every emitted declaration file is valid in it", () => {
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(typings));
  expect(own.length).toBeGreaterThan(10);
  expect(own.flatMap(messages)).toEqual([]);
});

test("a user's program has the types that it states", () => {
  const file = program.getSourceFile(consumer);
  expect(file && messages(file)).toEqual([]);
});

test("no public name is of type any", () => {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const symbol = file && checker.getSymbolAtLocation(file);
  const names = symbol ? checker.getExportsOfModule(symbol) : [];
  expect(names.length).toBeGreaterThan(50);
  const untyped = names.filter((name) => {
    const target = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
    if (!(target.flags & ts.SymbolFlags.Value) || !file) return false;
    return (checker.getTypeOfSymbolAtLocation(target, file).flags & ts.TypeFlags.Any) !== 0;
  });
  expect(untyped.map(({ name }) => name)).toEqual([]);
});
