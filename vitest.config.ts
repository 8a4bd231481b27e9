// How `npm test` runs the TypeScript tests: in processes of their own, since a test may change global state or crash the add-on.

import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { testCache } from "./test/support/sessions";

const seconds = 1000;

export default defineConfig({
  // The package as users get it: compiled CommonJS, one copy of it.
  resolve: { alias: { cresset: join(__dirname, "dist", "core", "index.js") } },
  test: {
    server: { deps: { external: [/\/dist\//] } },
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/data/**", "node_modules/**", "dist/**"],
    globalSetup: ["test/support/sessions.ts"],
    setupFiles: ["test/support/turn.ts"],
    // Tests leave the user's cache alone; snapshot.test.ts has one of its own.
    env: { XDG_CACHE_HOME: testCache },
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    // Generous, because the tests share a small machine with whatever else runs there.
    testTimeout: 120 * seconds,
    hookTimeout: 120 * seconds,
  },
});
