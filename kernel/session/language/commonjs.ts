// CommonJS of what TypeScript made of cells and of the user's own modules: the form in which the executor runs them.

import type * as TS from "typescript";
import { importedModules, importForms } from "../import-forms";
import { loopChecks } from "./loop-checks";
import { containsAwait } from "./rewrite";
import type { ConvertedModule } from "../wire";
import { ts } from "./tslab";
import { compiledPath } from "./user-sources";

/** What the compiler adds to a module that exports nothing. */
const emptyExport = /\nexport \{\};\s*$/;

/** A module in the form that runs; `map` leads from `emitted` to the source. */
export function convertModule(source: TS.SourceFile, emitted: string, map: string): ConvertedModule {
  const path = compiledPath(source.fileName);
  if (path.endsWith(".json")) return { path, source: path, code: "", maps: ["", ""], imports: [], waits: false };
  const module = withoutMapComment(emitted);
  const output = toCommonJs(isCommonJs(source) ? module.replace(emptyExport, "") : module, false);
  const file = ts.createSourceFile("module.js", module, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  return {
    path,
    source: source.fileName,
    code: output.code,
    maps: [map, output.map],
    imports: importedModules(ts, file),
    waits: containsAwait(ts, file),
  };
}

/** A JavaScript file without the syntax of ES modules, for one of which the compiler takes every file. */
function isCommonJs(file: TS.SourceFile): boolean {
  const isModular = (statement: TS.Statement): boolean =>
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return /\.c?js$/.test(file.fileName) && !file.statements.some(isModular);
}

/** A module with the checks that let an interrupt stop it, and its source map. */
export function toCommonJs(module: string, isCell: boolean): { code: string; map: string } {
  const compilerOptions: TS.CompilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    newLine: ts.NewLineKind.LineFeed,
    esModuleInterop: true,
    sourceMap: true,
  };
  const transformers = { before: [importForms(ts), loopChecks(ts, isCell)] };
  const output = ts.transpileModule(module, { fileName: "cell.js", compilerOptions, transformers });
  return { code: withoutMapComment(output.outputText), map: output.sourceMapText ?? "" };
}

export function withoutMapComment(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
}
