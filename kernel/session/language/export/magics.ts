// What magics are in a program: commands run by Node, the working directory and the environment as Node has them, all others comments.

import type * as TS from "typescript";

/** The name and the text of a magic's call, and for a command its kind. */
function magicCall(ts: typeof TS, node: TS.Node): { called: string; texts: string[] } | undefined {
  const call = ts.isAwaitExpression(node) ? node.expression : node;
  if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return undefined;
  const { expression, name } = call.expression;
  if (!ts.isIdentifier(expression) || expression.text !== "$magics") return undefined;
  const texts = call.arguments.map((argument) => (ts.isStringLiteral(argument) ? argument.text : ""));
  return { called: name.text, texts };
}

/** The text of a magic that is a statement; `undefined` for any other statement. */
export function magicText(ts: typeof TS, statement: TS.Statement): string | undefined {
  const found = ts.isExpressionStatement(statement) ? magicCall(ts, statement.expression) : undefined;
  if (!found) return undefined;
  const [name, text = ""] = found.texts;
  if (found.called === "shell") return `spawnSync(${JSON.stringify(name)}, { shell: true, stdio: "inherit" });`;
  if (found.called !== "call") return "";
  if (name === "pwd") return "console.log(process.cwd());";
  if (name === "cd" && /^[^~-]/.test(text))
    return `process.chdir(${JSON.stringify(text)});\nconsole.log(process.cwd());`;
  const [, variable, value] = (name === "env" && /^(\w+)\s*(?:=|\s)\s*(.*)$/.exec(text)) || [];
  if (variable !== undefined)
    return `process.env.${variable} = ${JSON.stringify(value)};\nconsole.log(${JSON.stringify(`${variable}=${value}`)});`;
  return `// %${`${name} ${text}`.trim()}`;
}

/** A transformer for magics whose value is used. `spawn` is the name of Node's `spawnSync`. */
export function withoutMagics(ts: typeof TS, spawn: () => string): TS.TransformerFactory<TS.SourceFile> {
  return (context) => {
    const visit = (node: TS.Node): TS.Node => {
      if (ts.isExpressionStatement(node) && magicCall(ts, node.expression)?.called === "shell") spawn();
      const found = ts.isExpressionStatement(node.parent ?? node) ? undefined : magicCall(ts, node);
      const value = found && valueText(found.called, found.texts, spawn);
      return value === undefined ? ts.visitEachChild(node, visit, context) : ts.factory.createIdentifier(value);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

function valueText(called: string, [first, text]: readonly string[], spawn: () => string): string | undefined {
  if (called === "lines")
    return `${spawn()}(${JSON.stringify(first)}, { shell: true, encoding: "utf8" }).stdout.trimEnd().split("\\n")`;
  if (called !== "call") return undefined;
  if (first === "pwd") return "process.cwd()";
  return first === "env" && text ? `process.env.${text}` : undefined;
}
