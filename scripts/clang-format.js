// Formats the C++ and CUDA sources with clang-format, or with `--check` only says which differ. The tables (`.inc`) are laid out by hand.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const extensions = [".cpp", ".h", ".cu", ".cuh"];
const checking = process.argv.includes("--check");

const files = fs
  .readdirSync(path.join(root, "native"), { recursive: true })
  .filter((name) => extensions.includes(path.extname(name)))
  .map((name) => path.join("native", name))
  .sort();
const options = checking ? ["--dry-run", "-Werror"] : ["-i"];
const { status, error } = spawnSync("clang-format", [...options, ...files], { cwd: root, stdio: "inherit" });
if (error !== undefined) {
  console.error("clang-format was not found. On Debian and Ubuntu: apt-get install clang-format");
  process.exit(1);
}
process.exit(status ?? 1);
