// Sockets that fail to send a message: what waits behind it goes on.

import { expect, test } from "vitest";
import { Broadcast } from "../../kernel/jupyter/broadcast";
import { Channel } from "../../kernel/jupyter/channel";

/** Fails at each message called "bad". */
function failing(sent: string[]) {
  return async ([text]: (Buffer | string)[]): Promise<void> => {
    if (text === "bad") throw new Error("cannot be sent");
    sent.push(String(text));
  };
}

test("a message that cannot be sent holds nothing up", async () => {
  const sent: string[] = [];
  const told: string[] = [];
  const channel = new Channel({ send: failing(sent) }, (error) => told.push(String(error)));
  for (const text of ["a", "bad", "b"]) channel.send([text]);
  await new Promise((done) => setTimeout(done, 10));
  channel.send(["c"]);
  await channel.close();
  expect(sent).toEqual(["a", "b", "c"]);
  expect(told).toEqual(["Error: cannot be sent"]);
});

test("nor does one for everybody", async () => {
  const sent: string[] = [];
  const told: string[] = [];
  const broadcast = new Broadcast(
    () => {},
    (error) => told.push(String(error)),
  );
  Object.defineProperty(broadcast, "socket", { value: { send: failing(sent) } });
  for (const text of ["a", "bad", "b"]) broadcast.send([text]);
  await broadcast.close();
  expect(sent).toEqual(["a", "b"]);
  expect(told).toEqual(["Error: cannot be sent"]);
});
