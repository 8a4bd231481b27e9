// Before all tests: sessions start as they do for people, from a snapshot, which lies in a cache of the tests' own.

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** The folder of caches in tests. */
export const testCache = resolve(root, ".cache/test");

export default function makeSnapshot(): void {
  const env = { ...process.env, XDG_CACHE_HOME: testCache };
  execFileSync(process.execPath, [resolve(root, "dist/kernel/session/snapshot/build.js")], { env });
}
