// What a cell gets that imports "tslab": notebooks written for tslab keep working.

export { type Display, display, newDisplay } from "./display";

const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

/** The versions of tslab, of its compiler and of Node. */
export const versions: { tslab: string; typescript: string; node: string } = {
  tslab: versionOf("tslab"),
  typescript: versionOf("typescript"),
  node: process.version,
};
