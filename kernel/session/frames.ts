// Frames on a pipe: four bytes that say so, four bytes of length (little endian), then JSON. Writing is synchronous, so a frame is on its
// way before the call returns and the pipe's own limit holds back a writer that is faster than its reader.

import { writeSync } from "node:fs";

/** What a frame begins with: bytes of anybody else on the pipe are found at once, before they are taken for a length. */
const start = 0xf7c3e5a1;
const headSize = 8;

/** Thrown by a reader for bytes that are no frames: nothing on the pipe can be understood any more. */
export class BrokenFrames extends Error {
  override name = "BrokenFrames";
}

/** Writes values as frames to a file descriptor. */
export function frameWriter<T>(fd: number): (value: T) => void {
  return (value) => {
    const text = JSON.stringify(value);
    const frame = Buffer.allocUnsafe(headSize + Buffer.byteLength(text));
    frame.writeUInt32LE(start, 0);
    frame.writeUInt32LE(frame.length - headSize, 4);
    frame.write(text, headSize);
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

/** Collects bytes and returns the frames that they complete; throws `BrokenFrames`. */
export function frameReader<T>(): (chunk: Buffer) => T[] {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = headSize;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return [];
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
    const frames: T[] = [];
    let at = 0;
    wanted = headSize;
    while (bytes.length - at >= headSize) {
      if (bytes.readUInt32LE(at) !== start) throw new BrokenFrames("Something else was written to the pipe of frames");
      const end = at + headSize + bytes.readUInt32LE(at + 4);
      if (bytes.length < end) {
        wanted = end - at;
        break;
      }
      frames.push(parsed(bytes.toString("utf8", at + headSize, end)) as T);
      at = end;
    }
    chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    held = bytes.length - at;
    return frames;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BrokenFrames("A frame was cut");
  }
}
