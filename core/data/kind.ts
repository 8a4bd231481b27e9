// How messages name the kind of a value.

/** The name of a value's class, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object" && typeof value !== "function") return typeof value;
  const made: unknown = (value as object).constructor;
  return typeof made === "function" ? made.name : "object";
}
