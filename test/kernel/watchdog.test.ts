// The thread that delivers interrupts: a mistake in it does not end it.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const watchdog = resolve(__dirname, "../../dist/kernel/session/executor/watchdog.js");

test("goes on after an exception of its own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cresset-watchdog-"));
  const server = createServer({ pauseOnConnect: true }).listen(join(folder, "control"));
  const ends = once(server, "connection");
  const mine = connect(join(folder, "control"));
  const [theirs] = (await ends) as [Socket];
  const { fd } = (theirs as unknown as { _handle: { fd: number } })._handle;
  // Looking at the run that ended fails as long as there is no such element.
  const state = new Int32Array(new SharedArrayBuffer(20)).subarray(0, 2);
  const worker = new Worker(watchdog, { workerData: { fd, state } });
  await once(worker, "online");
  let exited = false;
  worker.once("exit", () => {
    exited = true;
  });
  mine.write("1\n");
  await new Promise((done) => setTimeout(done, 2500));
  expect(exited).toBe(false);
  await worker.terminate();
  mine.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});
