// What a loader and its workers say to each other.

import type { MessagePort } from "node:worker_threads";
import type { Parcel } from "../../carry/format";

/** From the loader. Every message names the task it is for: what a worker was busy with before may be over. */
export type Request =
  /** A new task: a parcel with the `Loading` and the `workerInitFn`. */
  | {
      readonly kind: "begin";
      readonly task: number;
      readonly parcel: Parcel;
      readonly id: number;
      readonly numWorkers: number;
      readonly seed: bigint;
      readonly dtype: string;
    }
  /** A new task: another pass with the data set and the random stream as they are. */
  | { readonly kind: "resume"; readonly task: number }
  | {
      readonly kind: "fetch";
      readonly task: number;
      readonly index: number;
      readonly indices: readonly number[] | number;
    }
  | { readonly kind: "end"; readonly task: number };

/** From a worker. */
export type Reply =
  /** The batch of a fetch; `done`: its stream has ended, and there may be no batch. */
  | {
      readonly kind: "batch";
      readonly task: number;
      readonly index: number;
      readonly parcel: Parcel | null;
      readonly done: boolean;
    }
  | {
      readonly kind: "error";
      readonly task: number;
      readonly index: number;
      readonly parcel: Parcel;
      readonly item: number | null;
    }
  /** A function of the parcel is not exported by its module: the task has to begin again with its text. */
  | { readonly kind: "missing"; readonly task: number; readonly url: string };

/** What a thread and its loader tell each other at once. */
export const State = {
  /** The number of the thread's environment; 0 until it has one. */
  environment: 0,
  /** 1 when the thread has ended. */
  ended: 1,
  /** The last task that the loader has left. */
  left: 2,
  /** The task that the thread has ended last. */
  finished: 3,
} as const;

/** What a thread is started with. */
export interface ThreadData {
  readonly port: MessagePort;
  /** A count of replies, to wait for. */
  readonly signal: Int32Array;
  /** What `State` names: a loader that waits sees no events. */
  readonly state: Int32Array;
  readonly preloaded: readonly string[];
}
