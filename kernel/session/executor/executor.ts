// The executor process: runs cells, owns variables and tensors. It may be killed or crash; its session starts another.

import { dirname } from "node:path";
import { finishDisplays } from "../../../core/display/live";
import { applyTerminal } from "./terminal";
import { measureUsage } from "./usage";
import { hookWorkers, modulesOfSession } from "./workers";
import { watchChildCalls } from "./child-calls";
import { Evaluator } from "./evaluate";
import { frameWriter } from "../frames";
import { hookImports } from "./imports";
import { installInput } from "./input";
import { collectGarbage, loadPrelude } from "./library";
import { forgetUnfinished, hookModules } from "./modules";
import { captureOutput, marker } from "./output";
import { collectWhenQuiet } from "../quiet";
import { mapStacks } from "./stacks";
import { describeError } from "./traceback";
import {
  type AskRequest,
  type ExecutorFrame,
  type ExecutorRequest,
  executorFds,
  type ProcessSetup,
  type RunRequest,
} from "../wire";

const setup = JSON.parse(process.argv[2]) as ProcessSetup;
const send = frameWriter<ExecutorFrame>(executorFds.frames);

const mark = marker(send);
/** Cells leave garbage that has grown old, which the collector lets grow to several times what is in use. */
const collectEvery = 200;
/** Milliseconds from the start to the loading of the library. A program most likely begins with it; a person begins by typing. */
const loadAfter = setup.file ? 0 : 300;
/** Node's exit status for a program that waits at its top for what never comes. */
const unsettledStatus = 13;

const settleOutput = captureOutput(send);
if (setup.terminal) applyTerminal(setup.terminal);
hookModules();
hookImports();
mapStacks();
process.argv = [process.argv[0], ...setup.argv];
// Cells have a folder, the one that their imports start at, and no file.
const names = setup.file ? { __filename: setup.file, __dirname: dirname(setup.file) } : { __dirname: setup.root };
for (const [name, value] of Object.entries(names))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });

const evaluator = new Evaluator(setup.root, setup.display, {
  payload: (payload) => send({ type: "payload", payload }),
  checks: (on) => send({ type: "checks", on }),
});
installInput(send, evaluator.interrupts);
hookWorkers(setup.root, modulesOfSession(send, evaluator.interrupts));
watchChildCalls(evaluator.interrupts, mark);
const tidy = collectWhenQuiet();

/** What Node's types leave out. */
const ending = process as typeof process & { readonly _exiting?: boolean; reallyExit(code: number): never };

/** What fails after its cell has ended: in a session it is told, a program ends with it as Node does. */
function reportLate(error: unknown): void {
  if (evaluator.interrupts.stray(error)) return;
  const { traceback } = describeError(error);
  send({ type: "stream", name: "stderr", text: `${traceback.join("\n")}\n` });
  if (setup.file) process.exit(1);
}

function start(request: RunRequest): void {
  const { run } = request;
  // A program that waits for nothing but a message of ours is one that waits in vain.
  if (setup.file) process.channel?.unref();
  const usage = measureUsage();
  void evaluator.run(request, (outcome) => {
    if (setup.file) process.channel?.ref();
    // Stopped in what it does at its exit: Node runs nothing more in a process that has begun to end.
    if (ending._exiting) ending.reallyExit(Number(process.exitCode ?? 0));
    try {
      finishDisplays();
    } catch (error) {
      reportLate(error);
    }
    settleOutput();
    mark();
    if ("bundle" in outcome && outcome.bundle) send({ type: "result", bundle: outcome.bundle });
    const state = { run, cwd: process.cwd(), reset: evaluator.wasReset, usage: usage() };
    if ("error" in outcome) send({ type: "done", ...state, kept: false, ...outcome });
    else send({ type: "done", ...state, kept: outcome.kept, dropped: [] });
    if (run % collectEvery === 0) setImmediate(collectGarbage);
    tidy();
  });
}

async function reply({ id, about, question }: AskRequest): Promise<void> {
  try {
    const answer = about === "variables" ? evaluator.variableList() : await evaluator.preview(question.name);
    send({ type: "answer", id, answer });
  } catch (error) {
    send({ type: "answer", id, failure: describeError(error).message });
  }
}

function finish(run: number): void {
  evaluator.linger(run);
  process.channel?.unref();
}

/** What a program that is about to end still waits for, in lines to show. */
let unsettled: string[] | undefined;

/** A program that never comes to its end ends as Node ends it: with a warning and a status of its own. */
function endUnsettled(): void {
  if (!unsettled || !evaluator.isUnderWay) return;
  send({ type: "stream", name: "stderr", text: `${unsettled.join("\n")}\n` });
  process.exitCode ??= unsettledStatus;
}

if (setup.file) {
  process.on("beforeExit", () => {
    void evaluator.stalled().then((lines) => {
      unsettled = lines;
    });
  });
  process.on("exit", endUnsettled);
}
process.on("message", (request: ExecutorRequest) => {
  if (evaluator.interrupts.wasTerminated()) forgetUnfinished();
  if (request.type === "run") start(request);
  else if (request.type === "ask") void reply(request);
  else if (request.type === "terminal") applyTerminal(request.terminal);
  else finish(request.run);
});
process.on("disconnect", () => process.exit());
process.on("unhandledRejection", reportLate);
process.on("uncaughtException", reportLate);
send({ type: "ready" });
// A failure is told to the cell that uses it. Not at once in a session: the front-end and the check of a cell that is already there
// want the processors then.
setTimeout(() => {
  try {
    loadPrelude();
  } catch {}
}, loadAfter);
