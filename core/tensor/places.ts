// Brackets on the library's own sequences: `x.shape[-1]`, `model[-1] = layer`. JavaScript knows no negative indices, so the keys
// are accessors on the prototype of the sequence's class.

/** How a sequence is read, and written, by a place that counts from its front or its end. */
export interface Places<S> {
  read(sequence: S, place: number): unknown;
  write(sequence: S, place: number, value: unknown): void;
}

/** Gives instances of a prototype the keys `from` … `to` (both included), on which brackets read and assignments write. */
export function definePlaces<S extends object>(prototype: S, from: number, to: number, places: Places<S>): void {
  for (let place = from; place <= to; place++) {
    Object.defineProperty(prototype, place, {
      get(this: S) {
        return places.read(this, place);
      },
      set(this: S, value: unknown) {
        places.write(this, place, value);
      },
      configurable: true,
    });
  }
}
