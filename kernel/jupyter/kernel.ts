// The kernel: Jupyter's five sockets over one session. Cells run in another process, so every socket is served at all times.

import { Reply, Router } from "zeromq";
import type { Session } from "../session/session";
import { Broadcast } from "./broadcast";
import { Channel } from "./channel";
import { type Clients, Execution } from "./execution";
import { answers } from "./requests";
import { Codec, type Connection, type Content, type Header, type Message } from "./wire";

type ChannelName = "shell" | "control";

/** Serves a session on a connection until it is shut down; the exit status. */
export async function runKernel(session: Session, connection: Connection, version: string): Promise<number> {
  const kernel = new Kernel(session, connection, version);
  process.on("SIGINT", () => kernel.interrupt());
  process.on("SIGTERM", () => kernel.stop());
  // A mistake of the kernel's own must not take a person's variables along.
  process.on("uncaughtException", (error) => kernel.complain(error));
  stopWithParent(() => kernel.stop());
  await kernel.serve();
  return 0;
}

/** Jupyter names its process in the environment; when that has died, nobody will shut the kernel down. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  if (!process.env.JPY_PARENT_PID) return;
  setInterval(() => process.ppid !== parent && stop(), 1000).unref();
}

class Kernel {
  private readonly broadcast = new Broadcast(
    (held) => this.session.hold(held),
    (error) => this.complain(error),
  );
  private readonly sockets = {
    // Unlimited: at its limit a router drops replies in silence.
    shell: new Router({ sendHighWaterMark: 0, linger: 1000 }),
    control: new Router({ sendHighWaterMark: 0, linger: 1000 }),
    stdin: new Router({ sendHighWaterMark: 0, linger: 1000 }),
    iopub: this.broadcast.socket,
    heartbeat: new Reply(),
  };
  private readonly channels = {
    shell: this.channel(this.sockets.shell),
    control: this.channel(this.sockets.control),
    stdin: this.channel(this.sockets.stdin),
    iopub: this.broadcast,
  };
  private readonly codec: Codec;
  private readonly execution: Execution;
  private readonly answers: ReturnType<typeof answers>;
  /** The channel on which each request came in, until it has been answered. */
  private readonly cameBy = new WeakMap<Message, ChannelName>();
  private readonly stopped: Promise<void>;
  /** Ends serve(). */
  stop: () => void = () => {};

  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
    version: string,
  ) {
    this.codec = new Codec(connection.key, connection.signature_scheme);
    const clients: Clients = {
      publish: (type, content, parent) => this.publish(type, content, parent),
      reply: (request, content, metadata) => this.reply(request, content, metadata),
      ask: ({ identities, header }, prompt, password) =>
        this.channels.stdin.send(this.codec.pack("input_request", { prompt, password }, header, identities)),
      complain: (error) => this.complain(error),
    };
    this.execution = new Execution(this.session, clients);
    this.answers = answers(this.session, connection, version, () => this.interrupt());
    this.stopped = new Promise((resolve) => {
      this.stop = resolve;
    });
  }

  private channel(socket: Router): Channel {
    return new Channel(socket, (error) => this.complain(error));
  }

  interrupt(): void {
    this.session.interrupt();
    this.broadcast.release();
  }

  async serve(): Promise<void> {
    const { sockets, connection } = this;
    const separator = connection.transport === "tcp" ? ":" : "-";
    const bind = (socket: { bind(address: string): Promise<void> }, port: number): Promise<void> =>
      socket.bind(`${connection.transport}://${connection.ip}${separator}${port}`);
    await Promise.all([
      bind(sockets.shell, connection.shell_port),
      bind(sockets.control, connection.control_port),
      bind(sockets.stdin, connection.stdin_port),
      bind(sockets.iopub, connection.iopub_port),
      bind(sockets.heartbeat, connection.hb_port),
    ]);
    this.publish("status", { execution_state: "starting" }, {});
    void this.beat();
    void this.broadcast.watch();
    void this.receive(sockets.shell, (message) => this.handle("shell", message));
    void this.receive(sockets.control, (message) => this.handle("control", message));
    void this.receive(sockets.stdin, async ({ header, content }) => {
      // Only the client that was asked may answer.
      const isAsked = header.session === this.execution.running?.header.session;
      if (header.msg_type === "input_reply" && isAsked) this.execution.input(String(content.value ?? ""));
    });
    await this.stopped;
    await this.session.close();
    await Promise.all(Object.values(this.channels).map((channel) => channel.close()));
    for (const socket of Object.values(sockets)) socket.close();
  }

  private async beat(): Promise<void> {
    const { heartbeat } = this.sockets;
    for await (const frames of heartbeat) await heartbeat.send(frames);
  }

  /** What cannot be read is reported and dropped: no message ends the kernel. */
  private async receive(socket: Router, handle: (message: Message) => Promise<void>): Promise<void> {
    for await (const frames of socket) {
      try {
        const message = this.codec.unpack(frames);
        handle(message).catch((error: unknown) => this.complain(error));
      } catch (error) {
        this.complain(`ignored ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  /** Tells who runs the kernel; Jupyter's programs print it. */
  complain(error: unknown): void {
    process.stderr.write(`cresset kernel: ${error instanceof Error ? error.message : error}\n`);
  }

  private async handle(channel: ChannelName, message: Message): Promise<void> {
    const { header, content } = message;
    this.cameBy.set(message, channel);
    if (header.msg_type === "execute_request") {
      this.execution.add(message);
      return;
    }
    this.publish("status", { execution_state: "busy" }, header);
    try {
      await this.answer(message, content);
    } finally {
      this.publish("status", { execution_state: "idle" }, header);
      // Front-ends show the state they heard last, and a cell may still run.
      const { running } = this.execution;
      if (running) this.publish("status", { execution_state: "busy" }, running.header);
    }
    if (header.msg_type === "shutdown_request") this.stop();
  }

  private async answer(message: Message, content: Content): Promise<void> {
    const { msg_type: type } = message.header;
    // A comm of a target that nobody has registered is closed again.
    if (type === "comm_open") this.publish("comm_close", { comm_id: content.comm_id, data: {} }, message.header);
    const answer = Object.hasOwn(this.answers, type) ? this.answers[type] : undefined;
    if (!answer) return;
    const reply = await this.failable(() => answer(content));
    this.reply(message, reply);
    // Every client is told of the end, not only the one that asked for it.
    if (type === "shutdown_request") this.publish("shutdown_reply", reply, message.header);
  }

  private async failable(answer: () => Content | Promise<Content>): Promise<Content> {
    try {
      return await answer();
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { status: "error", ename: name, evalue: message, traceback: [] };
    }
  }

  private reply(request: Message, content: Content, metadata: Content = {}): void {
    const type = request.header.msg_type.replace(/_request$/, "_reply");
    const channel = this.channels[this.cameBy.get(request) ?? "shell"];
    channel.send(this.codec.pack(type, content, request.header, request.identities, metadata));
  }

  private publish(type: string, content: Content, parent: Partial<Header>): void {
    this.channels.iopub.send(this.codec.pack(type, content, parent, [type]));
  }
}
