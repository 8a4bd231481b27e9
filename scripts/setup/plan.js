// The steps of the set-up: from an empty machine to a compiled project.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { datesOf, digest, filesUnder, packagesFingerprint } = require("./inputs.js");
const { run } = require("./run.js");
const { root } = require("./steps.js");
const { absent, buildTools, canInstall, install, installCommand } = require("./system.js");

const inModules = (...parts) => path.join(root, "node_modules", ...parts);
const node = process.execPath;
const parallel = {
  CMAKE_BUILD_PARALLEL_LEVEL: process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? String(os.availableParallelism()),
};

/** The npm that started this command, else the one in the path. */
function npm(args) {
  const script = process.env.npm_execpath;
  return script !== undefined && /npm(-cli)?\.c?js$/.test(script) ? [node, [script, ...args]] : ["npm", args];
}

const packages = {
  name: "packages",
  title: "installing npm packages",
  // Inside node_modules, which `npm ci` empties first: an interrupted installation leaves no stamp.
  stamp: inModules(".cresset-stamp"),
  fingerprint: packagesFingerprint,
  run: () => {
    // Every package ships prebuilt binaries; their install scripts would at most build or fetch the same again.
    const [command, args] = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    return run(packages.title, command, args, {
      cwd: root,
      env: { npm_config_loglevel: "error" },
      advice: "Check the network and the registry that npm is set to use, then run the command again.",
    });
  },
};

/** A step that installs the absent system packages of a set. */
function systemStep(set, title) {
  const step = {
    name: `system-${set}`,
    title,
    fingerprint: () => {
      const names = absent(set);
      return names.length === 0 ? null : names.join();
    },
    run: () => install(set, title),
  };
  return step;
}

/** A step that installs packages which only tests use, beside those of the project: the folder holds their list. */
function asideStep(name, title, installed, isOffered = () => true) {
  const folder = path.join("scripts", name);
  const inputs = ["package.json", "package-lock.json"].map((file) => path.join(root, folder, file));
  const step = {
    name,
    title,
    outputs: installed.map((file) => path.join(folder, "node_modules", file)),
    fingerprint: () => (isOffered() ? digest(inputs.map((file) => fs.readFileSync(file, "utf8"))) : null),
    run: () => {
      const [command, args] = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
      return run(title, command, args, {
        cwd: path.join(root, folder),
        env: { npm_config_loglevel: "error" },
        advice: "Check the network and the registry that npm is set to use, then run the command again.",
      });
    },
  };
  return step;
}

/** The other versions of Node on which the tests try the library; npm has them for this platform only. */
const nodes = asideStep(
  "nodes",
  "installing other versions of Node for the tests",
  ["node22/bin/node", "node24/bin/node"],
  () => process.platform === "linux" && process.arch === "x64",
);

/** The other versions of TypeScript that the tests check the published types with. */
const compilers = asideStep(
  "compilers",
  "installing other versions of TypeScript for the tests",
  ["typescript50", "typescript59", "typescript70"].map((name) => path.join(name, "bin", "tsc")),
);

const nativeInputs = () => ["CMakeLists.txt", ...filesUnder("native", undefined, ["native/test"])];
const versionOf = (name) => JSON.parse(fs.readFileSync(inModules(name, "package.json"), "utf8")).version;

const native = {
  name: "native",
  title: "building the add-on (some minutes the first time)",
  outputs: ["build/Release/cresset.node", "build/Release/openmp.node"],
  fingerprint: () => {
    if (!fs.existsSync(inModules("node-api-headers", "package.json"))) return "packages are not installed";
    return digest([datesOf([...nativeInputs(), ...buildTools()]), versionOf("node-api-headers")]);
  },
  run: () =>
    run(native.title, node, [inModules("cmake-js", "bin", "cmake-js"), "build", "-G", "Ninja"], {
      cwd: root,
      env: parallel,
      advice: "If files of another build are in the way, remove the folder build/ and run the command again.",
    }),
};

const nativeTestFolder = path.join("build", "test");

const nativeTest = {
  name: "native-test",
  title: "building the native tests",
  outputs: [path.join(nativeTestFolder, "native-test")],
  fingerprint: () => {
    const tests = filesUnder("native/test");
    return tests.length === 0 ? null : datesOf([...nativeInputs(), ...buildTools(), ...tests]);
  },
  run: async () => {
    const configure = [
      "-S",
      ".",
      "-B",
      nativeTestFolder,
      "-G",
      "Ninja",
      "-DCRESSET_TESTS=ON",
      `-DCRESSET_WARNINGS_ARE_ERRORS=${process.env.CRESSET_CI === undefined ? "OFF" : "ON"}`,
    ];
    await run(nativeTest.title, "cmake", configure, { cwd: root });
    await run(nativeTest.title, "cmake", ["--build", nativeTestFolder], { cwd: root, env: parallel });
  },
};

const sources = () =>
  ["core", "kernel", "cli", "bench", "test"].flatMap((room) => filesUnder(room, [".ts"], ["test/data"]));

const typescript = {
  name: "typescript",
  title: "compiling TypeScript",
  outputs: ["dist/.tsbuildinfo"],
  fingerprint: () => datesOf(["tsconfig.json", "package-lock.json", ...sources()]),
  run: () => run(typescript.title, node, [inModules("typescript", "bin", "tsc"), "-p", "."], { cwd: root }),
};

const packer = "scripts/pack-core.js";

const library = {
  name: "library",
  title: "packing the library",
  outputs: ["dist/core/modules.pack"],
  // V8 takes its code from no other version, and loads without it.
  fingerprint: () =>
    digest([datesOf([packer, "package-lock.json", ...nativeInputs(), ...sources()]), process.versions.v8]),
  run: () => run(library.title, node, [packer], { cwd: root }),
};

const declarer = "scripts/build-declarations.js";

const declarations = {
  name: "declarations",
  title: "working out types",
  outputs: ["dist/declarations/core/index.d.ts"],
  fingerprint: () =>
    datesOf([declarer, "package-lock.json", ...filesUnder("core", [".ts"]), ...filesUnder("kernel", [".ts"])]),
  run: () => run(declarations.title, node, [declarer], { cwd: root }),
};

const compilerBuilder = "scripts/build-compiler.js";

const compiler = {
  name: "compiler",
  title: "preparing the compiler",
  outputs: ["dist/compiler/typescript.js"],
  fingerprint: () => datesOf([compilerBuilder, "package-lock.json", "kernel/session/operators/openings.ts"]),
  run: () => run(compiler.title, node, [compilerBuilder], { cwd: root }),
};

const bundler = "scripts/build-repl.js";

const repl = {
  name: "repl",
  title: "bundling the REPL",
  outputs: ["dist/repl/main.mjs"],
  fingerprint: () => {
    if (!fs.existsSync(path.join(root, bundler))) return null;
    return datesOf([bundler, "package-lock.json", ...filesUnder("repl"), ...filesUnder("kernel", [".ts"])]);
  },
  run: () => run(repl.title, node, [bundler], { cwd: root }),
};

const benchTools = {
  ...systemStep("bench", "installing PyTorch to compare with"),
  run: async () => {
    if (canInstall()) return install("bench", benchTools.title);
    process.stderr.write(
      `\nno comparison without ${absent("bench").join(", ")}; to install: ${installCommand(absent("bench"))}\n`,
    );
  },
};

module.exports = {
  packages,
  system: systemStep("build", "installing the compiler and libraries"),
  testTools: systemStep("test", "installing the tools that tests use"),
  benchTools,
  native,
  nativeTest,
  nodes,
  compilers,
  typescript,
  library,
  declarations,
  compiler,
  repl,
};
