// Python's values where JavaScript has none of the kind: what the unpickler makes, before the .pt format gives it its form here.

/** A tuple. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** The kinds of mappings that are told apart. */
export type DictKind = "dict" | "OrderedDict";

/** A dict, by which class it was made. */
export class Dict extends Map<unknown, unknown> {
  constructor(readonly kind: DictKind) {
    super();
  }
}

/** Something that a file names: a class or a function. Nothing is ever looked up by that name but entries of a table. */
export class Global {
  constructor(
    /** `module.name` as the file has it. */
    readonly name: string,
    /** What calling it makes of its arguments; null for what is not called. */
    readonly call: ((args: readonly unknown[]) => unknown) | null,
    /** The value that it stands for where it is no callee. */
    readonly value: unknown = undefined,
  ) {}
}

/** An object that takes a state after it was made. */
export abstract class Built {
  /** Takes what BUILD gives. Throws FormatError for a state of another form. */
  abstract build(state: unknown): void;
}
