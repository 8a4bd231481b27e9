// How `npm test` runs the TypeScript tests: in processes of their own, since a test may change global state or crash the add-on.

import { join } from "node:path";
import { defineConfig } from "vitest/config";

const seconds = 1000;

export default defineConfig({
  // The package as users get it: compiled CommonJS, one copy of it.
  resolve: { alias: { cresset: join(__dirname, "dist", "core", "index.js") } },
  test: {
    server: { deps: { external: [/\/dist\//] } },
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/data/**", "node_modules/**", "dist/**"],
    // Tests leave the user's cache alone; snapshot.test.ts has one of its own.
    env: { CRESSET_SNAPSHOT: "0" },
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    // Generous, because the tests share a small machine with whatever else runs there.
    testTimeout: 120 * seconds,
    hookTimeout: 120 * seconds,
  },
});
