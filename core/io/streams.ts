// What is asked of Node's streams and URLs, so that these types stand in projects without those of Node.

declare global {
  /** Whatever the project's own types say of it. */
  interface URL {}
}

/** A stream that is read to its end, as Node's `Readable`. */
export interface Readable extends AsyncIterable<unknown> {
  pipe: unknown;
}

/** A stream that is written to, as Node's `Writable`. */
export interface Writable {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown;
}
