// A worker's thread: makes batches of its own copy of the data set, in a random stream of its own.

import { type MessagePort, workerData } from "node:worker_threads";
import { pack } from "../../carry/pack";
import { forgetSources, programStack } from "../../carry/stacks";
import { NotExported, unpack } from "../../carry/unpack";
import { addon } from "../../native";
import { manualSeed } from "../../random/index";
import { dtypes, setDefaultDtype } from "../../tensor/dtype";
import { setNumThreads } from "../../threads";
import type { NumberDtypes } from "../collate";
import { Fetcher, type Loading } from "../fetch";
import { setWorkerInfo } from "../worker";
import { type Reply, type Request, State, type ThreadData } from "./messages";

type Any = Loading<unknown, number | null, unknown>;

/** What the loader sends when a task begins. */
interface Task {
  readonly loading: Any;
  readonly init: ((id: number) => void) | null;
}

/** One loader's work in this thread. */
class Running {
  private fetcher: Fetcher<unknown, number | null, unknown>;
  private readonly dtypes: NumberDtypes = new Map();
  /** Why nothing can be fetched: an error of `workerInitFn`, or of unpacking. */
  failure: { readonly error: unknown } | null = null;

  constructor(
    readonly loading: Any,
    /** Classes and functions of the loader's thread, by their numbers there. */
    readonly home: ReadonlyMap<object, number>,
  ) {
    this.fetcher = new Fetcher(loading, this.dtypes);
  }

  resume(): void {
    this.fetcher = new Fetcher(this.loading, this.dtypes);
  }

  async reply(task: number, index: number, indices: readonly number[] | number): Promise<Reply> {
    try {
      if (this.failure !== null) throw this.failure.error;
      const { done, value } = await this.fetcher.fetchAsync(indices);
      const parcel = value === null ? null : pack(value.batch, { home: this.home }).parcel;
      return { kind: "batch", task, index, parcel, done };
    } catch (error) {
      if (error instanceof Error && error.stack !== undefined) error.stack = programStack(error.stack);
      const { parcel } = pack(error, { home: this.home });
      return { kind: "error", task, index, parcel, item: this.fetcher.item };
    }
  }
}

/** Serves the loader's requests in their order. */
class Server {
  private running: Running | null = null;
  private task = -1;
  /** Requests wait while modules are imported. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly port: MessagePort) {
    port.on("message", (request: Request) => {
      this.turn = this.turn.then(() => this.serve(request));
    });
  }

  private async serve(request: Request): Promise<void> {
    if (request.kind === "begin") return this.begin(request);
    if (request.kind === "resume") {
      this.task = request.task;
      this.running?.resume();
    }
    if (request.task !== this.task) return;
    if (request.kind === "end") {
      this.running = null;
      Atomics.store(state, State.finished, request.task);
    } else if (request.kind === "fetch" && this.running !== null && Atomics.load(state, State.left) !== request.task)
      this.send(await this.running.reply(request.task, request.index, request.indices));
  }

  private async begin({
    task,
    parcel,
    id,
    numWorkers,
    seed,
    dtype,
  }: Extract<Request, { kind: "begin" }>): Promise<void> {
    this.task = task;
    this.running = null;
    // The thread is used again and again: the places of an earlier loader's functions would stay.
    forgetSources();
    setDefaultDtype(dtypes.find(({ name }) => name === dtype) ?? dtypes[0]);
    manualSeed(seed);
    const modules = new Map<string, object>();
    try {
      for (const url of parcel.imports) {
        const module = await imported(url);
        if (module === null) return this.send({ kind: "missing", task, url });
        modules.set(url, module);
      }
      const { value, values } = unpack(parcel, { modules });
      const { loading, init } = value as Task;
      const home = new Map<object, number>();
      values.forEach((made, number) => {
        if (typeof made === "function" && isHome(parcel.nodes[number].kind)) home.set(made, number);
      });
      this.running = new Running(loading, home);
      setWorkerInfo({ id, numWorkers, seed, dataset: loading.dataset });
      try {
        init?.(id);
      } catch (error) {
        this.running.failure = { error };
      }
    } catch (error) {
      if (error instanceof NotExported) return this.send({ kind: "missing", task, url: error.url });
      this.running = new Running({ dataset: [], collateFn: null, dropLast: false }, new Map());
      this.running.failure = { error };
    }
  }

  private send(reply: Reply): void {
    this.port.postMessage(reply);
    wakeLoader();
  }
}

function isHome(kind: string): boolean {
  return kind === "function" || kind === "module";
}

/** `import()` as it stands: the compiler would make it `require`, which loads no ES module. */
const importModule = new Function("url", "return import(url);") as (url: string) => Promise<object>;

/** The exports of an ES module; null for one that this thread cannot import. */
async function imported(url: string): Promise<object | null> {
  try {
    return await importModule(url);
  } catch {
    return null;
  }
}

const { port, signal, state, preloaded } = workerData as ThreadData;
/** Ends the wait of a loader, if one waits. */
function wakeLoader(): void {
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

process.on("exit", () => {
  state[State.ended] = 1;
  wakeLoader();
});
state[State.environment] = addon.info("environment");
setNumThreads(1);
for (const file of preloaded) require(file);
new Server(port);
