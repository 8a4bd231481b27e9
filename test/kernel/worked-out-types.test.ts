// The declarations that a session reads say what the compiler's own say.

import { resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const dist = resolve(__dirname, "../../dist");

/** The calls of every function of the library, and of every method of a tensor, by name, as the declarations in `folder` give them. */
function callsIn(folder: string): Map<string, string[]> {
  const index = resolve(folder, "core/index.d.ts");
  const program = ts.createProgram([index], {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ["node"],
  });
  expect(program.getSemanticDiagnostics(program.getSourceFile(index))).toEqual([]);
  const checker = program.getTypeChecker();
  // Seen from this file, the names that files keep to themselves are written out.
  const file = program.getSourceFile(index) as ts.SourceFile;
  const found = new Map<string, string[]>();
  const add = (name: string, type: ts.Type): void => {
    const calls = type.getCallSignatures().map((call) => checker.signatureToString(call, file, format));
    // The order of a union's members follows no rule. Symbols have numbers in their names.
    const words = calls.map((call) => call.match(/\w+/g)?.sort().join(" ") ?? "");
    if (calls.length > 0) found.set(name.replace(/@\d+$/, ""), words);
  };
  const root = checker.getSymbolAtLocation(file) as ts.Symbol;
  const visit = (module: ts.Symbol, path: string, depth: number): void => {
    for (const member of checker.getExportsOfModule(module)) {
      const symbol = member.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(member) : member;
      const name = `${path}.${member.name}`;
      if (symbol.flags & ts.SymbolFlags.Variable) add(name, checker.getTypeOfSymbol(symbol));
      else if (symbol.flags & ts.SymbolFlags.ValueModule && depth > 0) visit(symbol, name, depth - 1);
      if (member.name !== "Tensor") continue;
      for (const method of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)))
        add(`Tensor.${method.name}`, checker.getTypeOfSymbol(method));
    }
  };
  visit(root, "torch", 2);
  return found;
}

const format = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature;

test("every function and method has the same calls", () => {
  const given = callsIn(dist);
  const workedOut = callsIn(resolve(dist, "declarations"));
  expect(given.size).toBeGreaterThan(1000);
  expect(workedOut).toEqual(given);
});
