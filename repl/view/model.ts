// What the live region shows, as plain data.

/** A display that still changes. */
export interface Dock {
  id: string;
  text: string;
}

export interface LiveModel {
  docks: readonly string[];
  tail: readonly string[];
  queue: readonly string[];
  editor: readonly string[];
  menu: readonly string[];
  status: readonly string[];
}
