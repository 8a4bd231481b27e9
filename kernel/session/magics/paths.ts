// Paths as people type them in a magic.

import { homedir } from "node:os";
import { resolve } from "node:path";

/** The path meant, from a directory; `~` is the home. */
export function pathFrom(directory: string, path: string): string {
  return resolve(directory, path.replace(/^~(?=$|\/)/, homedir()));
}

/** Why a file could not be read. */
export function fileProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `There is no file ${path}`;
  return code === "EISDIR" ? `${path} is a directory` : message;
}
