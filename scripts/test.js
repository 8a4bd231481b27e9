// `npm test [-- --device DEVICE] [FILE…]`: formatting and lint, types, the native tests, then vitest; at the end one line that counts all
// parts. With names of test files only those run.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const inModules = (...parts) => path.join(root, "node_modules", ...parts);
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function parseArguments(args) {
  const files = [];
  let device = process.env.CRESSET_TEST_DEVICE ?? "cpu";
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--device") device = args[++i] ?? "";
    else if (args[i].startsWith("--device=")) device = args[i].slice("--device=".length);
    else files.push(args[i]);
  }
  if (!/^(cpu|cuda(:\d+)?)$/.test(device)) {
    console.error(`unknown device "${device}": cpu, cuda or cuda:N`);
    process.exit(1);
  }
  return { device, files };
}

function add(name, { passed, failed, skipped }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (failed > 0) failures.push(name);
}

/** Runs a program that is one check; its output shows only when it fails. */
function check(name, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ok = status === 0;
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
  if (!ok) console.log(error === undefined ? `${stdout}${stderr}` : String(error));
  add(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
}

/** The native tests count themselves: their last line reads `N passed, N failed`. */
function nativeTests() {
  const program = path.join(root, "build", "test", "native-test");
  if (!fs.existsSync(program)) return;
  const { status, stdout, stderr } = spawnSync(program, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const counted = /(\d+) passed, (\d+) failed\s*$/.exec(stdout);
  const passed = counted ? Number(counted[1]) : status === 0 ? 1 : 0;
  const failed = counted ? Number(counted[2]) : 0;
  const crashed = status !== 0 && failed === 0;
  console.log(`${status === 0 ? "ok    " : "FAILED"} native tests (${passed})`);
  if (status !== 0) console.log(`${stdout}${stderr}`);
  add("native tests", { passed, failed: failed + (crashed ? 1 : 0), skipped: 0 });
}

function vitest(files, device) {
  const report = path.join(root, ".cache", "vitest.json");
  fs.rmSync(report, { force: true });
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...files];
  const { status } = spawnSync(process.execPath, [inModules("vitest", "vitest.mjs"), ...args], {
    cwd: root,
    env: { ...process.env, CRESSET_TEST_DEVICE: device },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (!fs.existsSync(report)) return add("vitest", { passed: 0, failed: 1, skipped: 0 });
  const { testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    fs.readFileSync(report, "utf8"),
  );
  const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  const failed = numFailedTests + broken;
  const skipped = numPendingTests + numTodoTests;
  // An error outside any test (an unhandled rejection) fails the run although every test passed.
  add("vitest", { passed: numPassedTests, failed: failed + (status !== 0 && failed === 0 ? 1 : 0), skipped });
}

function main() {
  const { device, files } = parseArguments(process.argv.slice(2));
  if (files.length === 0) {
    check("format and lint (Biome)", process.execPath, [inModules("@biomejs", "biome", "bin", "biome"), "check", "."]);
    check("format (clang-format)", process.execPath, [path.join(__dirname, "clang-format.js"), "--check"]);
    nativeTests();
  }
  vitest(files, device);
  console.log(failures.length === 0 ? "" : `\nFailed: ${failures.join(", ")}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  process.exit(total.failed === 0 ? 0 : 1);
}

main();
