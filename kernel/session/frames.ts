// Frames on a pipe: four bytes of length (little endian), then JSON. Writing is synchronous, so a frame is on its way before the
// call returns and the pipe's own limit holds back a writer that is faster than its reader.

import { writeSync } from "node:fs";

/** Writes values as frames to a file descriptor. */
export function frameWriter<T>(fd: number): (value: T) => void {
  return (value) => {
    const text = JSON.stringify(value);
    const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
    frame.writeUInt32LE(frame.length - 4, 0);
    frame.write(text, 4);
    writeFully(fd, frame);
  };
}

/** Writes all of `bytes`, waiting while the other end is full; nothing happens when it is gone. */
export function writeFully(fd: number, bytes: Buffer): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE" || code === "ECONNRESET" || code === "EBADF") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Collects bytes and returns the frames that they complete. */
export function frameReader<T>(): (chunk: Buffer) => T[] {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 4;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return [];
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
    const frames: T[] = [];
    let at = 0;
    wanted = 4;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (bytes.length - at - 4 < length) {
        wanted = 4 + length;
        break;
      }
      frames.push(JSON.parse(bytes.toString("utf8", at + 4, at + 4 + length)) as T);
      at += 4 + length;
    }
    chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    held = bytes.length - at;
    return frames;
  };
}
