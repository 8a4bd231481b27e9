// A folder in which Jupyter's programs find this kernel and nothing of the person who runs the tests.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { launcher } from "./recorder";

/** The system's Python, which has Jupyter's packages whichever other Python comes first in the path. */
export const python = "/usr/bin/python3";
export const kernelName = "cresset-test";
export const execute = promisify(execFile);

export interface JupyterPlace {
  folder: string;
  env: NodeJS.ProcessEnv;
  remove(): void;
}

/** Installs the kernel in a new folder; `options` are those of `cresset kernel install`. */
export async function installedFor(what: string, ...options: string[]): Promise<JupyterPlace> {
  const folder = mkdtempSync(join(tmpdir(), `cresset-${what}-`));
  const env = {
    ...process.env,
    HOME: folder,
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    IPYTHONDIR: join(folder, "ipython"),
    XDG_STATE_HOME: folder,
    NO_COLOR: "1",
  };
  const install = ["kernel", "install", "--prefix", folder, "--name", kernelName, ...options];
  await execute(process.execPath, [launcher, ...install]);
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
