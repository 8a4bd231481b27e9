// What notebooks, the kernel and its spec say of the language of cells.

const { version } = require("typescript/package.json") as { version: string };

/** The language of cells, as the kernel tells it and notebooks keep it. */
export const languageInfo = {
  name: "typescript",
  version,
  mimetype: "text/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  codemirror_mode: { name: "javascript", typescript: true },
  nbconvert_exporter: "script",
};

/** What a notebook and a spec call the kernel when nothing else was asked for. */
export const kernelSpec = { name: "cresset", display_name: "TypeScript (Cresset)", language: "typescript" };
