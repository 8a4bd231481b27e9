// One pass of a loader with workers. Which worker makes which batch, how many are under way and when the sampler is asked is as in
// torch/utils/data/dataloader.py (_MultiProcessingDataLoaderIter), so that random numbers fall as there.

import { pack, shareAgain } from "../../carry/pack";
import { discard, unpack } from "../../carry/unpack";
import { CressetError } from "../../errors";
import { getDefaultDtype } from "../../tensor/dtype";
import type { Loading } from "../fetch";
import type { Parcel } from "../../carry/format";
import type { Reply } from "./messages";
import { repliesSoFar, Thread, waitForReply } from "./thread";

/** What workers are started with. */
export interface TeamOptions {
  readonly loading: Loading<unknown, number | null, unknown>;
  readonly init: ((id: number) => void) | null;
  readonly numWorkers: number;
  readonly seed: bigint;
}

type Packing = { readonly parcel: Parcel; readonly originals: readonly unknown[] };

/** The workers of a loader, with their data sets and random streams. */
export class Team {
  readonly threads: readonly Thread[];
  /** Modules whose functions a worker did not find by their export. */
  private readonly byText = new Set<string>();
  /** What each worker was sent: it names values of this thread by their numbers there. */
  private readonly sent: Packing[] = [];
  private isFree = false;

  constructor(private readonly options: TeamOptions) {
    // First: threads that are new start while the data set is packed.
    this.threads = Array.from({ length: options.numWorkers }, () => Thread.take());
    try {
      this.begin([...this.threads.keys()], this.pack());
    } catch (error) {
      // As when a getter of the data set throws.
      this.free();
      throw error;
    }
  }

  private pack(): Packing {
    const { loading, init } = this.options;
    return pack({ loading, init }, { byText: this.byText });
  }

  /** Begins the task of workers, each with holds of its own on the memory that was packed. */
  private begin(ids: readonly number[], packed: Packing): void {
    const { numWorkers, seed } = this.options;
    const dtype = getDefaultDtype().name;
    for (const id of ids) {
      this.sent[id] = packed;
      const parcel = shareAgain(packed);
      this.threads[id].send({ kind: "begin", parcel, id, numWorkers, seed: seed + BigInt(id), dtype });
    }
    discard(packed.parcel);
  }

  /** Begins a worker's task again, with the text of a module's functions. */
  restart(id: number, url: string): void {
    this.byText.add(url);
    this.begin([id], this.pack());
  }

  /** A value that a worker sent. */
  unpack(id: number, parcel: Parcel): unknown {
    return unpack(parcel, { home: this.sent[id].originals }).value;
  }

  get isAlive(): boolean {
    return this.threads.every((thread) => thread.isAlive);
  }

  /** Begins another pass. */
  resume(): void {
    for (const thread of this.threads) thread.send({ kind: "resume" });
  }

  /** Ends the workers' task. */
  free(): void {
    if (this.isFree) return;
    this.isFree = true;
    for (const thread of this.threads) thread.free();
  }
}

/** An index under way: who makes its batch, and what came of it. */
interface Assignment {
  readonly worker: number;
  readonly indices: readonly number[] | number;
  reply?: Extract<Reply, { index: number }>;
}

/** What a pass is made of. */
export interface PassOptions {
  readonly team: Team;
  readonly order: Iterable<readonly number[] | number>;
  /** Batches under way for each worker. */
  readonly prefetchFactor: number;
  /** Seconds to wait for a batch; 0 without end. */
  readonly timeout: number;
}

/** The batches of one pass, in the order of the sampler. */
export class Pass<B> {
  private readonly order: Iterator<readonly number[] | number>;
  private readonly assignments = new Map<number, Assignment>();
  /** Workers whose streams have not ended. */
  private readonly active: boolean[];
  private sent = 0;
  private received = 0;
  private outstanding = 0;
  private turn = 0;

  constructor(private readonly options: PassOptions) {
    this.order = options.order[Symbol.iterator]();
    this.active = options.team.threads.map(() => true);
    for (let k = 0; k < options.prefetchFactor * this.active.length; k++) this.assign();
  }

  /** The next batch, waited for without running other code. */
  next(): IteratorResult<B, undefined> {
    const since = performance.now();
    for (;;) {
      const seen = repliesSoFar();
      const step = this.step();
      if (step !== null) return step;
      this.look(since);
      waitForReply(seen);
    }
  }

  /** The next batch, while other code runs. */
  async nextAsync(): Promise<IteratorResult<B, undefined>> {
    const { threads } = this.options.team;
    const since = performance.now();
    for (;;) {
      const step = this.step();
      if (step !== null) return step;
      this.look(since);
      await new Promise<void>((resolve) => {
        const { timeout } = this.options;
        const alarm = timeout > 0 ? setTimeout(resolve, since + timeout * 1000 - performance.now()) : null;
        const wake = () => {
          if (alarm !== null) clearTimeout(alarm);
          resolve();
        };
        for (const thread of threads) thread.onEvent(wake);
      });
      for (const thread of threads) thread.onEvent(null);
    }
  }

  /** Sends the next indices to the worker whose turn it is. */
  private assign(): void {
    const { threads } = this.options.team;
    if (this.outstanding >= this.options.prefetchFactor * threads.length) return;
    const { done, value: indices } = this.order.next();
    if (done) return;
    for (let k = 0; k < threads.length; k++) {
      const worker = this.turn;
      this.turn = (this.turn + 1) % threads.length;
      if (!this.active[worker]) continue;
      threads[worker].send({ kind: "fetch", index: this.sent, indices });
      this.assignments.set(this.sent, { worker, indices });
      this.sent++;
      this.outstanding++;
      return;
    }
  }

  /** Goes on as far as it can without waiting: the next batch or the end, or null. */
  private step(): IteratorResult<B, undefined> | null {
    for (;;) {
      this.skipEnded();
      if (this.received === this.sent) return { done: true, value: undefined };
      const assignment = this.assignments.get(this.received);
      if (assignment?.reply !== undefined) {
        this.assignments.delete(this.received++);
        this.assign();
        return { done: false, value: this.value(assignment.worker, assignment.reply) };
      }
      if (!this.take()) return null;
    }
  }

  /** Passes over indices that nobody will make a batch of, since the worker's stream has ended. */
  private skipEnded(): void {
    while (this.received < this.sent) {
      const assignment = this.assignments.get(this.received);
      if (assignment === undefined || (assignment.reply === undefined && !this.active[assignment.worker])) {
        this.assignments.delete(this.received++);
      } else return;
    }
  }

  /** Takes one reply of any worker. */
  private take(): boolean {
    const { team } = this.options;
    for (const [worker, thread] of team.threads.entries()) {
      const reply = thread.poll();
      if (reply === undefined) continue;
      if (reply.kind === "missing") this.restart(worker, reply.url);
      else this.note(worker, reply);
      return true;
    }
    return false;
  }

  private note(worker: number, reply: Extract<Reply, { index: number }>): void {
    this.outstanding--;
    if (reply.kind === "batch" && reply.done) this.active[worker] = false;
    const assignment = this.assignments.get(reply.index);
    if (reply.kind === "batch" && reply.parcel === null) {
      this.assignments.delete(reply.index);
      this.assign();
    } else if (assignment !== undefined) assignment.reply = reply;
  }

  /** Begins a worker again, with what it was asked for. */
  private restart(worker: number, url: string): void {
    const { team } = this.options;
    team.restart(worker, url);
    for (const [index, assignment] of this.assignments) {
      if (assignment.worker === worker && assignment.reply === undefined) {
        team.threads[worker].send({ kind: "fetch", index, indices: assignment.indices });
      }
    }
  }

  /** The batch of a reply. Throws the worker's error, with its own stack. */
  private value(worker: number, reply: Extract<Reply, { index: number }>): B {
    const { team } = this.options;
    if (reply.kind === "batch") return team.unpack(worker, reply.parcel as Parcel) as B;
    const error = team.unpack(worker, reply.parcel);
    if (!(error instanceof Error)) throw error;
    const place = reply.item === null ? "" : `, at item ${reply.item}`;
    const { name, message, stack = "" } = error;
    error.message = `Caught ${name} in DataLoader worker ${worker}${place}.\n${message}`;
    error.stack = stack.startsWith(`${name}: ${message}`)
      ? `${name}: ${error.message}${stack.slice(name.length + 2 + message.length)}`
      : `${name}: ${error.message}\n${stack}`;
    throw error;
  }

  /** Looks after the workers while a batch is waited for. Throws CressetError when one has ended, or when it takes too long. */
  private look(since: number): void {
    const { team, timeout } = this.options;
    if (timeout > 0 && performance.now() - since > timeout * 1000) {
      throw new CressetError(`DataLoader timed out after ${timeout} seconds`);
    }
    const ended = team.threads.flatMap((thread, worker) => (thread.isAlive ? [] : [worker]));
    if (ended.length > 0) throw new CressetError(`DataLoader worker (${ended.join(", ")}) exited unexpectedly`);
  }
}

const abandoned = new FinalizationRegistry((team: Team) => team.free());

/** The batches of a pass; its workers are freed when the loop has ended in any way, or nobody has the iterator any more. */
export function batchesOf<B>(pass: Pass<B>, team: Team, keepsTeam: boolean): IterableIterator<B> {
  const batches = drive(pass, () => keepsTeam || team.free());
  if (!keepsTeam) abandoned.register(batches, team);
  return batches;
}

function* drive<B>(pass: Pass<B>, leave: () => void): IterableIterator<B> {
  try {
    for (let step = pass.next(); !step.done; step = pass.next()) yield step.value;
  } finally {
    leave();
  }
}

/** The same for `for await`: other code runs while a batch is waited for. */
export function asyncBatchesOf<B>(pass: Pass<B>, team: Team, keepsTeam: boolean): AsyncIterableIterator<B> {
  const batches = driveAsync(pass, () => keepsTeam || team.free());
  if (!keepsTeam) abandoned.register(batches, team);
  return batches;
}

async function* driveAsync<B>(pass: Pass<B>, leave: () => void): AsyncIterableIterator<B> {
  try {
    for (let step = await pass.nextAsync(); !step.done; step = await pass.nextAsync()) yield step.value;
  } finally {
    leave();
  }
}

/** Frees the workers that a loader has kept, when nobody has the loader any more. */
export function freeWith(loader: object, team: Team): void {
  abandoned.register(loader, team);
}
