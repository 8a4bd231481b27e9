// Fingerprints of a step's inputs: contents for the few files whose dates say little, sizes and dates for source trees (one quick scan).

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { root } = require("./steps.js");

function digest(parts) {
  const hash = crypto.createHash("sha256");
  for (const part of parts) hash.update(`${part}\0`);
  return hash.digest("hex");
}

/** All files below a folder with one of the extensions (all files without extensions), sorted; none when it is absent. */
function filesUnder(folder, extensions, skip = []) {
  const found = [];
  const visit = (relative) => {
    let entries;
    try {
      entries = fs.readdirSync(path.join(root, relative), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const name = `${relative}/${entry.name}`;
      if (skip.includes(name)) continue;
      if (entry.isDirectory()) visit(name);
      else if (extensions === undefined || extensions.includes(path.extname(entry.name))) found.push(name);
    }
  };
  visit(folder);
  return found.sort();
}

/** Changes when a file is written, added or removed. Files that do not exist count as absent. */
function datesOf(files) {
  return digest(
    files.map((file) => {
      const stat = fs.statSync(path.resolve(root, file), { throwIfNoEntry: false });
      return stat === undefined ? `${file} absent` : `${file} ${stat.size} ${stat.mtimeMs}`;
    }),
  );
}

/** What decides which packages npm installs: the lock file, the wanted packages, and the platform. */
function packagesFingerprint() {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const { dependencies, devDependencies, overrides } = manifest;
  const lock = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
  const platform = `${process.platform} ${process.arch} ${process.versions.modules}`;
  return digest([JSON.stringify({ dependencies, devDependencies, overrides }), lock, platform]);
}

module.exports = { datesOf, digest, filesUnder, packagesFingerprint };
