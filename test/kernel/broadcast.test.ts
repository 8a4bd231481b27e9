// The socket that everybody hears, with readers that read and readers that do not.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { Subscriber } from "zeromq";
import { Broadcast } from "../../kernel/jupyter/broadcast";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A broadcast, what it told the session, and a way to make readers. */
async function broadcasting(patience?: number) {
  const told: boolean[] = [];
  const broadcast = new Broadcast(
    (held) => told.push(held),
    (error) => expect.unreachable(String(error)),
    patience,
  );
  await broadcast.socket.bind("tcp://127.0.0.1:*");
  void broadcast.watch();
  closing.push(async () => {
    await broadcast.close();
    broadcast.socket.close();
  });
  const reader = (): Subscriber => {
    const socket = new Subscriber({ receiveHighWaterMark: 1, linger: 0 });
    socket.connect(broadcast.socket.lastEndpoint as string);
    socket.subscribe();
    closing.push(() => socket.close());
    return socket;
  };
  return { broadcast, told, reader };
}

const large = "x".repeat(1 << 16);
const count = 1200;

function sendAll(broadcast: Broadcast): void {
  for (let i = 0; i < count; i++) broadcast.send([String(i), large]);
}

async function readAll(socket: Subscriber): Promise<number[]> {
  const numbers: number[] = [];
  for await (const [number] of socket) {
    numbers.push(Number(number));
    if (numbers.length === count) break;
  }
  return numbers;
}

const all = Array.from({ length: count }, (_, i) => i);

test("holds the session while readers have no room, and loses nothing", async () => {
  const { broadcast, told, reader } = await broadcasting();
  const slow = reader();
  await sleep(200);
  sendAll(broadcast);
  expect(told).toEqual([true]);
  await sleep(200);
  expect(await readAll(slow)).toEqual(all);
  expect(told).toEqual([true, false]);
});

test("lets a session that must end go on", async () => {
  const { broadcast, told, reader } = await broadcasting();
  reader();
  await sleep(200);
  sendAll(broadcast);
  broadcast.release();
  broadcast.send(["last", large]);
  expect(told).toEqual([true, false]);
});

test("a reader that reads nothing does not stop another one for ever", async () => {
  const { broadcast, reader } = await broadcasting(100);
  reader();
  const living = reader();
  await sleep(200);
  sendAll(broadcast);
  expect(await readAll(living)).toEqual(all);
});
