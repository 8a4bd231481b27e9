// Programs and libraries that come from the operating system: which package brings each, how to see that it is there, and installing
// what is absent. Presence is looked up as files, so that a check starts no program.

const fs = require("node:fs");
const path = require("node:path");
const { SetupError, run } = require("./run.js");

const programFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

function hasProgram(name) {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...programFolders];
  return folders.some((folder) => folder !== "" && fs.existsSync(path.join(folder, name)));
}

/** The library folders of Debian's multi-architecture layout and the plain ones. */
function libraryFolders() {
  const parents = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];
  const triplets = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };
  const triplet = triplets[process.arch];
  return triplet === undefined ? parents : [`/usr/lib/${triplet}`, ...parents];
}

const hasHeader = (name) =>
  ["/usr/include", "/usr/local/include"].some((folder) => fs.existsSync(path.join(folder, name)));
const hasLibrary = (name) => libraryFolders().some((folder) => fs.existsSync(path.join(folder, name)));
/** Debian's Python packages lie in one folder, whichever other Python comes first in the path. */
const hasPythonPackage = (name) => fs.existsSync(path.join("/usr/lib/python3/dist-packages", name));

const hasTorch = () => hasPythonPackage("torch");

/** Ubuntu brings browsers in another way than by packages of apt: there, tests of a browser run when one was installed by hand. */
const browsers = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/snap/bin/chromium"];
const hasNoBrowserPackage = () => /^ID=ubuntu$/m.test(readIfThere("/etc/os-release"));

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

/** Debian's package → how to see that what it brings is there. */
const packages = {
  build: {
    "g++": () => hasProgram("g++"),
    cmake: () => hasProgram("cmake"),
    "ninja-build": () => hasProgram("ninja"),
    "libdnnl-dev": () => hasHeader("oneapi/dnnl/dnnl.hpp"),
    "libhwy-dev": () => hasHeader("hwy/highway.h"),
    "libjpeg-dev": () => hasHeader("jpeglib.h"),
    "libopenblas-openmp-dev": () => hasLibrary("openblas-openmp/libopenblas.so"),
  },
  test: {
    python3: () => fs.existsSync("/usr/bin/python3"),
    "python3-jupyter-client": () => hasPythonPackage("jupyter_client"),
    "python3-nbclient": () => hasPythonPackage("nbclient"),
    "python3-nbconvert": () => hasPythonPackage("nbconvert"),
    "jupyter-nbconvert": () => fs.existsSync("/usr/bin/jupyter-nbconvert"),
    "python3-jupyter-kernel-test": () => hasPythonPackage("jupyter_kernel_test"),
    "jupyter-console": () => fs.existsSync("/usr/bin/jupyter-console"),
    "jupyter-notebook": () => fs.existsSync("/usr/bin/jupyter-notebook"),
    chromium: () => browsers.some((file) => fs.existsSync(file)) || hasNoBrowserPackage(),
    tmux: () => hasProgram("tmux"),
    "clang-format": () => hasProgram("clang-format"),
    "python3-torch": hasTorch,
  },
  bench: {
    "python3-torch": hasTorch,
    libjemalloc2: () => hasLibrary("libjemalloc.so.2"),
  },
};

/** What the add-on is built with: the compiler and the libraries, each as a file that changes with its version. */
function buildTools() {
  const programs = [process.env.CXX ?? "c++", "cmake"].map((name) => {
    const folder = (process.env.PATH ?? "").split(path.delimiter).find((at) => fs.existsSync(path.join(at, name)));
    return path.join(folder ?? "/usr/bin", name);
  });
  const names = ["libdnnl.so", "libhwy.so", "libhwy_contrib.so", "libjpeg.so", "openblas-openmp/libopenblas.so"];
  const libraries = names.flatMap((name) => libraryFolders().map((folder) => path.join(folder, name)));
  return [...programs, ...libraries].filter((file) => fs.existsSync(file)).map((file) => fs.realpathSync(file));
}

/** The packages of a set whose contents are not on this machine. */
function absent(set) {
  return Object.entries(packages[set]).flatMap(([name, present]) => (present() ? [] : [name]));
}

/** What a person can run to install packages. */
function installCommand(names) {
  return `sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}'`;
}

/** Whether this process may install packages itself. */
function canInstall() {
  return process.getuid?.() === 0 && hasProgram("apt-get");
}

/** Installs the absent packages of a set as root on a system with apt, or throws with the command to run. */
async function install(set, title) {
  const names = absent(set);
  if (!canInstall()) {
    throw new SetupError(
      `\nThis machine lacks ${names.join(", ")} (names of Debian's and Ubuntu's packages).\nInstall with this command and run yours again:\n\n  ${installCommand(names)}\n`,
    );
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const patience = ["-o", "DPkg::Lock::Timeout=300"];
  await run(title, "apt-get", ["update", ...patience], { env });
  await run(title, "apt-get", ["install", "-y", "--no-install-recommends", ...patience, ...names], { env });
}

module.exports = { absent, buildTools, canInstall, install, installCommand };
