// What reading and writing zip archives have in common: the signatures of records and the limits of 32-bit fields.

/** The first four bytes of each kind of record. */
export const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator: 0x07064b50,
  descriptor: 0x08074b50,
} as const;

/** A 32-bit field with this value stands in the 64-bit extra field. */
export const LIMIT_32 = 0xffffffff;
/** The kind of that extra field. */
export const ZIP64_EXTRA = 1;
