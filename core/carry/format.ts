// The form in which values go from one thread to another: what structured cloning takes, with tensors, functions and classes as
// nodes. Values that are one object on the one side are one on the other.

/** How a function's text is made a function again: methods stand in an object literal. */
export type Form = "expression" | "method" | "class";

/** A value that is no object, or the number of a node. */
export type Packed = string | number | bigint | boolean | null | undefined | Reference;

/** The node at a position of `Parcel.nodes`. */
export interface Reference {
  readonly node: number;
}

/** An own property: its key, and the value or the accessor's functions. */
export interface PackedProperty {
  readonly key: Packed;
  readonly value?: Packed;
  readonly get?: Packed;
  readonly set?: Packed;
  /** Absent: as an assignment makes it. */
  readonly flags?: { readonly writable?: boolean; readonly enumerable: boolean; readonly configurable: boolean };
}

/** The parts of an object that every kind of object has. */
interface Outside {
  readonly properties?: readonly PackedProperty[];
  readonly frozen?: boolean;
}

export type ObjectNode = Outside &
  (
    | { readonly kind: "object" | "callable"; readonly prototype: Packed }
    | {
        readonly kind: "array";
        readonly prototype?: Packed;
        readonly length: number;
        readonly items?: readonly Packed[];
      }
    | { readonly kind: "map"; readonly prototype?: Packed; readonly entries: readonly (readonly [Packed, Packed])[] }
    | { readonly kind: "set"; readonly prototype?: Packed; readonly items: readonly Packed[] }
    /** What structured cloning copies whole: dates, regular expressions, array buffers. */
    | { readonly kind: "clone"; readonly value: unknown }
    | {
        readonly kind: "view";
        readonly type: string;
        readonly buffer: Packed;
        readonly offset: number;
        readonly length: number;
      }
    | { readonly kind: "error"; readonly prototype: Packed }
  );

/** The memory under tensors: a block to take over, or its bytes, or none on the meta device. */
export type StorageNode =
  | { readonly kind: "storage"; readonly block: number; readonly byteOffset: number; readonly bytes: number }
  | { readonly kind: "storage"; readonly contents: Uint8Array; readonly bytes: number }
  | { readonly kind: "storage"; readonly bytes: number; readonly meta: true };

export interface TensorNode extends Outside {
  readonly kind: "tensor";
  readonly prototype?: Packed;
  readonly storage: Packed;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: string;
  readonly requiresGrad: boolean;
  readonly parameter: boolean;
}

export interface Place {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A function or class of the other side's code, from its text. */
export interface FunctionNode extends Outside {
  readonly kind: "function";
  /** The script it is from: functions of one script share its variables. */
  readonly script: number;
  readonly name: string;
  readonly text: string;
  /** Where the text stands; lines and columns from 1. */
  readonly place: Place;
  readonly form: Form;
  /** Names of the script's variables that the text mentions. */
  readonly outer: readonly string[];
  /** Variables of the functions around it. */
  readonly inner: readonly (readonly [string, Packed])[];
  /** What a class extends. */
  readonly heritage?: Packed;
  /** Properties of its `prototype` that the text does not make. */
  readonly members?: readonly PackedProperty[];
}

export type Node =
  | ObjectNode
  | StorageNode
  | TensorNode
  | FunctionNode
  /** What a CommonJS module exports, the whole of it when there is no name. */
  | { readonly kind: "commonjs"; readonly file: string; readonly path: readonly string[] }
  /** An export of an ES module. */
  | { readonly kind: "module"; readonly url: string; readonly name: string; readonly text: string }
  /** The `prototype` of a class. */
  | { readonly kind: "prototype"; readonly of: Packed }
  | { readonly kind: "global"; readonly path: readonly string[] }
  | { readonly kind: "symbol"; readonly key: string | undefined; readonly description: string | undefined }
  /** What the class rebuilds by `new constructor(...args)`. */
  | { readonly kind: "rebuilt"; readonly constructed: Packed; readonly arguments: Packed }
  /** Something of the side that packed, by its number there. */
  | { readonly kind: "home"; readonly id: number }
  /** What cannot be carried: whoever uses it gets the message. */
  | { readonly kind: "refused"; readonly message: string };

/** A script's variables that functions share. */
export interface Unit {
  readonly variables: readonly (readonly [string, Packed])[];
}

/** A value with everything that hangs on it. */
export interface Parcel {
  readonly root: Packed;
  readonly nodes: readonly Node[];
  readonly units: readonly Unit[];
  /** ES modules to import before it can be unpacked. */
  readonly imports: readonly string[];
}
