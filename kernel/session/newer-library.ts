// What every Node that this runs on has, and the declarations of tslab's TypeScript do not know yet: appended to those of ES2023.

const copies = (element: string, self: string): string => `
  toReversed(): ${self};
  toSorted(compareFn?: (a: ${element}, b: ${element}) => number): ${self};
  with(index: number, value: ${element}): ${self};
`;

const typed = ["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64"];
const big = ["BigInt64", "BigUint64"];

const typedArrays = [...typed.map((name) => [name, "number"]), ...big.map((name) => [name, "bigint"])].map(
  ([name, element]) => `interface ${name}Array {${copies(element, `${name}Array`)}}`,
);

const splices = `
  toSpliced(start: number, deleteCount: number, ...items: T[]): T[];
  toSpliced(start: number, deleteCount?: number): T[];
`;

/** The file of TypeScript's that they belong to. */
export const newerLibraryFile = "lib.es2023.array.d.ts";

export const newerLibrary = `
interface Array<T> {${copies("T", "T[]")}${splices}}
interface ReadonlyArray<T> {${copies("T", "T[]")}${splices}}
${typedArrays.join("\n")}
interface String { isWellFormed(): boolean; toWellFormed(): string; }
`;
