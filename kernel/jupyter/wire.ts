// Jupyter's messages as they cross the sockets: identities, a delimiter, a signature, four JSON parts, raw buffers.

import { createHmac, getHashes, randomUUID, timingSafeEqual } from "node:crypto";

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export type Content = Record<string, unknown>;

export interface Message {
  /** Where a reply goes: the routing frames in front of the delimiter. */
  identities: Buffer[];
  header: Header;
  parent: Partial<Header>;
  metadata: Content;
  content: Content;
  buffers: Buffer[];
}

/** What the connection file of a kernel says. */
export interface Connection {
  transport: string;
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
}

export const protocolVersion = "5.4";
const delimiter = "<IDS|MSG>";

/** Signatures that are remembered: a message that comes again was recorded by somebody. */
const signaturesKept = 1 << 16;

/** Signs, packs and unpacks messages with a connection's key. */
export class Codec {
  private readonly session = randomUUID();
  private readonly algorithm: string;
  private readonly seen = new Set<string>();

  constructor(
    private readonly key: string,
    scheme: string,
  ) {
    this.algorithm = scheme.replace(/^hmac-/, "") || "sha256";
    if (!getHashes().includes(this.algorithm))
      throw new Error(`A connection with an unknown signature scheme: ${scheme}`);
  }

  /** Throws for anything that is not a message with our signature. */
  unpack(frames: Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.toString("latin1") === delimiter);
    if (at < 0 || frames.length < at + 6) throw new Error("what is no message of the protocol");
    const [signature, ...rest] = frames.slice(at + 1);
    const parts = rest.slice(0, 4);
    if (!this.isSigned(signature, parts)) throw new Error("a message with a wrong signature");
    if (this.key !== "") this.remember(signature.toString("latin1"));
    const [header, parent, metadata, content] = parts.map((part) => asObject(JSON.parse(part.toString("utf8"))));
    if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string")
      throw new Error("a message whose header has no type or number");
    return {
      identities: frames.slice(0, at),
      header: header as Content & Header,
      parent,
      metadata,
      content,
      buffers: rest.slice(4),
    };
  }

  pack(
    type: string,
    content: Content,
    parent: Partial<Header>,
    identities: (Buffer | string)[],
    metadata: Content = {},
  ) {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: parent.username ?? "kernel",
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    const parts = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...identities, delimiter, this.sign(parts), ...parts];
  }

  private sign(parts: Buffer[]): string {
    if (this.key === "") return "";
    const hmac = createHmac(this.algorithm, this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  private remember(signature: string): void {
    if (this.seen.has(signature)) throw new Error("a message that has come before");
    this.seen.add(signature);
    const [oldest] = this.seen;
    if (this.seen.size > signaturesKept) this.seen.delete(oldest);
  }

  private isSigned(signature: Buffer, parts: Buffer[]): boolean {
    const expected = Buffer.from(this.sign(parts));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

function asObject(value: unknown): Content {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("a message with a part that is no object");
  return value as Content;
}
