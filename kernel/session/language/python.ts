// A line of Python as it is written in TypeScript, for the hint beside what the parser says of it.

/** A text is left as it is, but for the values in one that begins with `f`; a comment only begins otherwise. */
const token = /(?<![\w$])([fF]?)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|#(.*)$/g;

/** Statements that begin a block, without what is beneath them. */
const blocks: readonly (readonly [RegExp, string | ((found: string[]) => string)])[] = [
  [/^class\s+(\w+)\s*(?:\(\s*\))?:$/, "class $1 {"],
  [/^class\s+(\w+)\s*\(\s*([\w.]+)[^)]*\):$/, "class $1 extends $2 {"],
  [/^(?:async\s+)?for\s+(.+?)\s+in\s+(.+):$/, ([, target, values]) => `for (const ${pattern(target)} of ${values}) {`],
  [/^if\s+(.+):$/, "if ($1) {"],
  [/^elif\s+(.+):$/, "} else if ($1) {"],
  [/^else:$/, "} else {"],
  [/^while\s+(.+):$/, "while ($1) {"],
  [/^try:$/, "try {"],
  [/^except(?:\s+[\w.]+)?(?:\s+as\s+(\w+))?:$/, ([, name]) => (name ? `} catch (${name}) {` : "} catch {")],
  [/^finally:$/, "} finally {"],
];

/** Words and forms within a line. A later one sees what the earlier ones wrote. */
const forms: readonly (readonly [RegExp, string | ((whole: string, ...found: string[]) => string)])[] = [
  [/\bTrue\b/g, "true"],
  [/\bFalse\b/g, "false"],
  [/\bis\s+not\s+None\b/g, "!== null"],
  [/\bis\s+None\b/g, "=== null"],
  [/\bNone\b/g, "null"],
  [/\bself\./g, "this."],
  [/\[([^[\]]+?)\s+for\s+([\w, ]+?)\s+in\s+([^[\]]+(?:\[[^[\]]*\])?[^[\]]*?)\s+if\s+([^[\]]+)\]/g, comprehension],
  [/\[([^[\]]+?)\s+for\s+([\w, ]+?)\s+in\s+([^[\]]+(?:\[[^[\]]*\])?[^[\]]*?)\]/g, comprehension],
  [/\blambda\s*([\w, ]*):\s*/g, (_, names) => `(${names.trim()}) => `],
  [/([^=(,[]+?)\s+if\s+(.+?)\s+else\s+([^,)\]]+)/g, (_, yes, condition, no) => ` ${condition} ? ${yes.trim()} : ${no}`],
  [/\s+and\s+/g, " && "],
  [/\s+or\s+/g, " || "],
  [/\bnot\s+/g, "!"],
];

function pattern(target: string): string {
  const bare = target.replace(/^\(([^()]*)\)$/, "$1").trim();
  return bare.includes(",") ? `[${bare.replaceAll("(", "[").replaceAll(")", "]")}]` : bare;
}

function comprehension(_: string, value: string, target: string, values: string, condition?: string): string {
  const kept = typeof condition === "string" && condition !== "" ? `.filter((${pattern(target)}) => ${condition})` : "";
  const mapped = value.trim() === target.trim() ? "" : `.map((${pattern(target)}) => ${value.trim()})`;
  return `[...${values.trim()}]${kept}${mapped}`;
}

/** A name by the rule of the library: `requires_grad` is `requiresGrad`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z\d])_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** What to write for an `import` of Python's. */
function imported(line: string): string | undefined {
  const [, whole, , alias] = /^import\s+([\w.]+)(\s+as\s+(\w+))?$/.exec(line) ?? [];
  const [, from, names] = /^from\s+([\w.]+)\s+import\s+([\w, ]+)$/.exec(line) ?? [];
  const module = whole ?? from;
  if (module === undefined) return undefined;
  if (module === "torch.nn.functional" || line === "import torch" || module === "torch.nn" || module === "torch.optim")
    return whole === undefined ? `const { ${names} } = ${module === "torch.nn.functional" ? "F" : module};` : there;
  if (module.split(".")[0] === "torch")
    return names === "nn" || names === "optim" ? there : `const { ${names} } = ${camelCase(module)};`;
  return whole === undefined
    ? `import { ${names} } from "${module}";`
    : `import * as ${alias ?? whole} from "${module}";`;
}

const there = "// torch, nn, F and optim are there without an import";

/** The line of TypeScript for one of Python's; `undefined` for one that is none. */
export function fromPython(line: string): string | undefined {
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const texts: string[] = [];
  let comment = "";
  const hold = (text: string): string => `\u0000${texts.push(text) - 1}\u0000`;
  let code = line.replace(token, (_, f: string, text: string | undefined, remark: string | undefined) => {
    if (text === undefined) {
      comment = `//${remark}`;
      return "";
    }
    return hold(f === "" ? text : `\`${text.slice(1, -1).replace(/\{([^{}]+)\}/g, "$${$1}")}\``);
  });
  // A text that does not end is no more Python than TypeScript.
  if (/["']/.test(code)) return undefined;
  code = code.trim();
  const begun = imported(code);
  if (begun !== undefined) return indent + begun;
  for (const [found, put] of blocks) {
    const parts = found.exec(code);
    if (!parts) continue;
    code = typeof put === "string" ? code.replace(found, put) : put(parts);
    break;
  }
  for (const [found, put] of forms) code = code.replace(found, put as string);
  // Blanks that a form left where it began a line.
  code = code.replace(/^\s+|(?<=\S) {2,}(?=\S)/g, (blanks) => (blanks.trim() === "" ? " " : blanks)).trim();
  const whole = [code, comment].filter((part) => part !== "").join(" ");
  const shown = indent + whole.replace(/\0(\d+)\0/g, (_, index) => texts[Number(index)]);
  return shown.trim() === line.trim() ? undefined : shown;
}
