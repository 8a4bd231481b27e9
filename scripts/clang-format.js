// Formats the C++ and CUDA sources with clang-format, or with `--check` only says which differ. The tables (`.inc`) are laid out by hand.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const extensions = [".cpp", ".h", ".cu", ".cuh"];
const checking = process.argv.includes("--check");
/** The major version that the sources are formatted with (Debian 12's). Others break lines differently, so they cannot check. */
const VERSION = 14;

const files = fs
  .readdirSync(path.join(root, "native"), { recursive: true })
  .filter((name) => extensions.includes(path.extname(name)))
  .map((name) => path.join("native", name))
  .sort();
const version = spawnSync("clang-format", ["--version"], { encoding: "utf8" });
if (checking && version.error === undefined && !new RegExp(`version ${VERSION}\\.`).test(version.stdout)) {
  console.log(`not checked: the sources are formatted with clang-format ${VERSION}, here is ${version.stdout.trim()}`);
  process.exit(0);
}
const options = checking ? ["--dry-run", "-Werror"] : ["-i"];
const { status, error } = spawnSync("clang-format", [...options, ...files], { cwd: root, stdio: "inherit" });
if (error !== undefined) {
  console.error("clang-format was not found. On Debian and Ubuntu: apt-get install clang-format");
  process.exit(1);
}
process.exit(status ?? 1);
