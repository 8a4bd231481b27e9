// Writes dist/declarations/: the library's declarations as a session reads them. In those that tsc writes, the ways to call a function
// follow from the text of its signature (core/arguments/signed.ts), and the methods of a tensor from the functions of whole modules. A
// checker works all that out in tens of milliseconds, and every cell has a checker of its own. Here they are worked out once.

const fs = require("node:fs");
const path = require("node:path");
const ts = require("typescript");

const dist = path.join(__dirname, "..", "dist");
const target = path.join(dist, "declarations");
const { ownModules } = require(path.join(dist, "kernel/session/prelude-names.js"));

const roots = Object.values(ownModules).map((file) => path.join(dist, `${file}.d.ts`));
const options = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  module: ts.ModuleKind.ESNext,
  types: ["node"],
};
const program = ts.createProgram(roots, options);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

/** Types are written out, whole, and so that they need no import. */
const flags =
  ts.NodeBuilderFlags.NoTruncation |
  ts.NodeBuilderFlags.UseFullyQualifiedType |
  ts.NodeBuilderFlags.WriteTypeArgumentsOfSignature;

function print(node, file) {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, file);
  // The checker names a module by its path.
  return text.replaceAll(/import\("(\/[^"]+)"\)/g, (_, found) => {
    const relative = path.relative(path.dirname(file.fileName), found.replace(/\.d\.ts$/, ""));
    return `import("${relative.startsWith(".") ? relative : `./${relative}`}")`;
  });
}

const isSignature = (property) => property.escapedName.startsWith("__@signature@");

/** Whether a type is that of a function with a signature. */
function isSigned(type) {
  return type.getCallSignatures().length > 0 && type.getProperties().some(isSignature);
}

/** The calls of a type, each a line. */
function calls(type, at, file) {
  return type
    .getCallSignatures()
    .map((signature) =>
      print(checker.signatureToSignatureDeclaration(signature, ts.SyntaxKind.CallSignature, at, flags), file),
    );
}

/** A type of calls and properties, written out. */
function writtenOut(type, at, file) {
  const properties = type.getProperties().filter((property) => !isSignature(property));
  const members = properties.map((property) => {
    const node = checker.typeToTypeNode(checker.getTypeOfSymbolAtLocation(property, at), at, flags);
    return `readonly ${property.name}: ${print(node, file)};`;
  });
  return `{\n${[...calls(type, at, file), ...members].map((line) => `    ${line}\n`).join("")}}`;
}

function comment(symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`);
  const lines = [...(text === "" ? [] : text.split("\n")), ...tags];
  return lines.length === 0 ? "" : `    /**\n${lines.map((line) => `     * ${line}\n`).join("")}     */\n`;
}

/** The members that an interface has from others, written out. */
function inherited(node, file) {
  const own = new Set(node.members.map((member) => checker.getSymbolAtLocation(member.name)?.escapedName));
  const type = checker.getTypeAtLocation(node);
  const members = type
    .getProperties()
    .filter(({ escapedName }) => !own.has(escapedName) && !escapedName.startsWith("__@"));
  return members.map((member) => {
    const type = checker.getTypeOfSymbolAtLocation(member, node);
    const isMethod = type.getCallSignatures().length > 0 && type.getProperties().length === 0;
    const name = member.name;
    if (!isMethod) return `${comment(member)}    ${name}: ${print(checker.typeToTypeNode(type, node, flags), file)};\n`;
    return `${comment(member)}${calls(type, node, file)
      .map((call) => `    ${name}${call}\n`)
      .join("")}`;
  });
}

/** The interfaces whose members are worked out, since mapped types make them. */
const workedOut = ["TensorMethods"];

/** A checker that names a type looks through exports in their order. This one is named most. */
function namedFirst(text) {
  const line = 'export { Tensor } from "./tensor/tensor";\n';
  return text.includes(line) ? line + text.replace(line, "") : text;
}

/** An object type without another one in it, as printed. */
const objectType = /\{ [^{}]*; \}/g;

/**
 * Gives names to the object types that stand more than once in the worked-out texts: a call's options stand in every place where they may
 * be given, and each copy takes memory in every session. Changes `texts`, and gives back the declarations.
 */
function named(texts, taken) {
  const times = new Map();
  for (const text of texts)
    for (const [found] of text.matchAll(objectType)) times.set(found, (times.get(found) ?? 0) + 1);
  const names = new Map();
  for (const [type, count] of times) {
    if (count < 2) continue;
    const properties = [...type.matchAll(/[{;] (?:readonly )?(\w+)\??:/g)].map(([, name]) => name);
    const words = properties.slice(0, 3).map((name) => name[0].toUpperCase() + name.slice(1));
    const wanted = `${words.join("")}${properties.length > 3 ? "Etc" : ""}Options`;
    let name = wanted;
    for (let k = 2; taken.has(name); k++) name = `${wanted}${k}`;
    taken.add(name);
    names.set(type, name);
  }
  texts.forEach((text, k) => {
    texts[k] = text.replace(objectType, (type) => names.get(type) ?? type);
  });
  return [...names].map(([type, name]) => `type ${name} = ${type};\n`).join("");
}

/** The text of a file with its types worked out. */
function rewrite(file) {
  const edits = [];
  const visit = (node) => {
    if (ts.isInterfaceDeclaration(node) && workedOut.includes(node.name.text)) {
      edits.push(
        [node.name.end, node.heritageClauses.end, ""],
        [node.members.pos, node.members.pos, `\n${inherited(node, file).join("")}`],
      );
      return;
    }
    const isTyped = ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertySignature(node);
    if (isTyped && node.type) {
      const type = checker.getTypeFromTypeNode(node.type);
      if (isSigned(type)) {
        edits.push([node.type.getStart(file), node.type.end, writtenOut(type, node, file)]);
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  const texts = edits.map(([, , replacement]) => replacement);
  const declarations = named(texts, new Set(file.text.match(/\w+/g)));
  let text = file.text.replace(/\n\/\/# sourceMappingURL=.*/, "\n");
  for (const [start, end] of edits.reverse()) text = text.slice(0, start) + texts.pop() + text.slice(end);
  // Without this line all that a declaration file declares is exported.
  const isModule = /^export \{\};$/m.test(text) || declarations === "" ? "" : "export {};\n";
  return namedFirst(`${text}${declarations}${isModule}`);
}

const staged = `${target}.new`;
fs.rmSync(staged, { recursive: true, force: true });
for (const file of program.getSourceFiles()) {
  if (!file.fileName.startsWith(dist + path.sep)) continue;
  const at = path.join(staged, path.relative(dist, file.fileName));
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, rewrite(file));
}
fs.rmSync(target, { recursive: true, force: true });
fs.renameSync(staged, target);
