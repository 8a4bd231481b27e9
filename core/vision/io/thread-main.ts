// The thread that runs sharp for callers that wait: answers questions in their order.

import { workerData } from "node:worker_threads";
import { FormatError } from "../../errors";
import { perform } from "./codec";
import { type Answer, ANSWERS, ENDED, type HelperData, type Question } from "./thread";

const { port, signal } = workerData as HelperData;

function wakeCaller(): void {
  Atomics.add(signal, ANSWERS, 1);
  Atomics.notify(signal, ANSWERS);
}

/** In shared memory pixels cross to the caller without a copy. */
function shared(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length));
  out.set(bytes);
  return out;
}

async function answer({ id, request }: Question): Promise<Answer> {
  try {
    const picture = await perform(request);
    return { id, picture: { ...picture, data: shared(picture.data) } };
  } catch (error) {
    return { id, error: (error as Error).message, damaged: error instanceof FormatError };
  }
}

process.on("exit", () => {
  Atomics.store(signal, ENDED, 1);
  wakeCaller();
});

port.on("message", async (question: Question) => {
  port.postMessage(await answer(question));
  wakeCaller();
});
