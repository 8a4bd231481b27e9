// Jupyter's messages as they cross the sockets: what is signed, and comes for the first time, is read.

import { expect, test } from "vitest";
import { Codec } from "../../kernel/jupyter/wire";

const framesOf = (codec: Codec, code: string): Buffer[] =>
  codec.pack("execute_request", { code }, {}, ["client"]).map((frame) => Buffer.from(frame));

test("a recorded message is refused when it comes again", () => {
  const kernel = new Codec("key", "hmac-sha256");
  const client = new Codec("key", "hmac-sha256");
  const message = framesOf(client, "x += 1");
  expect(kernel.unpack(message).content).toEqual({ code: "x += 1" });
  expect(() => kernel.unpack(message)).toThrow("a message that has come before");
  expect(kernel.unpack(framesOf(client, "x += 1")).content).toEqual({ code: "x += 1" });
  expect(() => kernel.unpack(framesOf(new Codec("other", "hmac-sha256"), "1"))).toThrow("a wrong signature");
});

test("without a key nothing is signed, and anything may come twice", () => {
  const codec = new Codec("", "hmac-sha256");
  const message = framesOf(codec, "1");
  expect(codec.unpack(message).header.msg_type).toBe("execute_request");
  expect(codec.unpack(message).content).toEqual({ code: "1" });
});
