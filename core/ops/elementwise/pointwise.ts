// All elementwise tables as one: what becomes functions, methods and in-place methods.

export * from "./arithmetic";
export * from "./choose";
export * from "./compare";
export * from "./elementary";
export * from "./special";
