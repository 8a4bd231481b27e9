#!/usr/bin/env node
// The command `cresset`: starts what the build compiled. Plain JavaScript, so that it can say what is missing before the build,
// and can import ES modules.

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const cli = join(__dirname, "../dist/cli/cli.js");
if (!existsSync(cli)) {
  process.stderr.write("cresset: not built yet: run `npm run build` first\n");
  process.exitCode = 1;
} else {
  require(cli)
    .main(process.argv.slice(2), (url) => import(url))
    .then((status) => {
      process.exitCode = status;
    });
}
