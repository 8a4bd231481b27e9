// Tells Jupyter of the kernel: a folder with kernel.json where Jupyter looks for kernels.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { kernelSpec } from "../notebook/language";

/** Where a kernel is installed: for this user, beside the Python on the path, or below a directory. */
export type Place = "user" | "sys-prefix" | { prefix: string };

/** Writes the spec, in place of one of the same name; `argv` starts the kernel when a connection file is added. Its folder. */
export function installKernel(place: Place, name: string, displayName: string, argv: string[]): string {
  const folder = kernelFolder(place, name);
  mkdirSync(folder, { recursive: true });
  const spec = {
    argv: [...argv, "--connection-file", "{connection_file}"],
    display_name: displayName,
    language: kernelSpec.language,
    interrupt_mode: "message",
    metadata: { debugger: false },
  };
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  return folder;
}

/** Removes a spec that installKernel wrote; its folder. */
export function uninstallKernel(place: Place, name: string): string {
  const folder = kernelFolder(place, name);
  const file = join(folder, "kernel.json");
  if (!existsSync(file)) throw new Error(`There is no kernel "${name}" in ${folder}`);
  const { argv } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[] };
  if (!argv.some((part) => part.endsWith("cresset.js"))) throw new Error(`The kernel in ${folder} is not Cresset's`);
  rmSync(folder, { recursive: true });
  return folder;
}

function kernelFolder(place: Place, name: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    throw new Error(`A kernel's name has letters, digits, ".", "_" and "-": ${name}`);
  const data = place === "user" ? userData() : join(prefixOf(place), "share", "jupyter");
  return join(data, "kernels", name);
}

/** Jupyter's own rule for the data of a user. */
function userData(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

function prefixOf(place: "sys-prefix" | { prefix: string }): string {
  if (place !== "sys-prefix") return place.prefix;
  return execFileSync("python3", ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" }).trim();
}
