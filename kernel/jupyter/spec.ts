// Tells Jupyter of the kernel: a folder with kernel.json where Jupyter looks for kernels.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { kernelSpec } from "../notebook/language";

/** Where a kernel is installed: for this user, beside the Python on the path, or below a directory. */
export type Place = "user" | "sys-prefix" | { prefix: string };

/** How Jupyter interrupts the kernel. A message reaches it wherever it runs; a signal only on the same machine. */
export const interruptModes = ["message", "signal"] as const;

export interface Installation {
  place: Place;
  name: string;
  displayName: string;
  /** Starts the kernel when a connection file is added. */
  argv: string[];
  interruptMode: (typeof interruptModes)[number];
}

const logo = join(__dirname, "../../../kernel/jupyter/logo.svg");

/**
 * Writes the spec and the logos, in place of ours of the same name; its folder.
 * @throws Error when another kernel has the name, or the name is none of a kernel.
 */
export async function installKernel({ place, name, displayName, argv, interruptMode }: Installation): Promise<string> {
  const folder = kernelFolder(place, name);
  if (existsSync(join(folder, "kernel.json")) && !isOurs(folder))
    throw new Error(`Another kernel is installed in ${folder}: choose another --name`);
  mkdirSync(folder, { recursive: true });
  const spec = {
    argv: [...argv, "--connection-file", "{connection_file}"],
    display_name: displayName,
    language: kernelSpec.language,
    interrupt_mode: interruptMode,
    metadata: { debugger: false },
  };
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  copyFileSync(logo, join(folder, "logo-svg.svg"));
  const { default: sharp } = await import("sharp");
  for (const size of [32, 64]) {
    const density = (72 * size) / 64;
    await sharp(logo, { density })
      .resize(size, size)
      .png()
      .toFile(join(folder, `logo-${size}x${size}.png`));
  }
  return folder;
}

/** Removes a spec that installKernel wrote; its folder. */
export function uninstallKernel(place: Place, name: string): string {
  const folder = kernelFolder(place, name);
  if (!existsSync(join(folder, "kernel.json"))) throw new Error(`There is no kernel "${name}" in ${folder}`);
  if (!isOurs(folder)) throw new Error(`The kernel in ${folder} is not Cresset's`);
  rmSync(folder, { recursive: true });
  return folder;
}

/** The folders of this kernel's specs in a place, by default in all places where Jupyter looks. */
export function installedKernels(place?: Place): { name: string; folder: string }[] {
  const data = place === undefined ? searched() : [dataOf(place)];
  return [...new Set(data)].flatMap((path) => {
    const kernels = join(path, "kernels");
    const names = existsSync(kernels) ? readdirSync(kernels) : [];
    return names.map((name) => ({ name, folder: join(kernels, name) })).filter(({ folder }) => isOurs(folder));
  });
}

function isOurs(folder: string): boolean {
  try {
    const { argv } = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as { argv: string[] };
    return argv.some((part) => /[\\/]cresset\.js$/.test(part));
  } catch {
    return false;
  }
}

function kernelFolder(place: Place, name: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    throw new Error(`A kernel's name has letters, digits, ".", "_" and "-": ${name}`);
  return join(dataOf(place), "kernels", name);
}

function dataOf(place: Place): string {
  if (place === "user") return userData();
  return join(place === "sys-prefix" ? pythonPrefix() : place.prefix, "share", "jupyter");
}

/** Jupyter's own rule for the data of a user. */
function userData(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

function pythonPrefix(): string {
  return execFileSync("python3", ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" }).trim();
}

/** Where Jupyter looks, in its order. */
function searched(): string[] {
  const given = (process.env.JUPYTER_PATH ?? "").split(delimiter).filter((path) => path !== "");
  const prefixes = ["/usr/local", "/usr"];
  try {
    prefixes.unshift(pythonPrefix());
  } catch {
    // Without Python there is no such place.
  }
  return [...given, userData(), ...prefixes.map((prefix) => join(prefix, "share", "jupyter"))];
}
