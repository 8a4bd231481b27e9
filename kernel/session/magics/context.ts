// What reading a cell has to know: the names that exist, the programs of this computer, and what TypeScript says of a name.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type * as TS from "typescript";
import type { InspectReply } from "../protocol";
import { inspectionCall } from "./explain";
import type { ReadContext } from "./read";

/** Kinds of names that have no value. */
const typesOnly = new Set(["interface", "type", "type parameter"]);

export interface Session {
  code: string;
  declarations: string;
  sources: [label: string, source: string][];
  inspect(expression: string): InspectReply & { kind: string };
}

export function readContext(ts: typeof TS, session: Session): ReadContext {
  return {
    knows: (name) => {
      const word = new RegExp(`(?<![\\w$.!])${name.replace(/[^\w$]/g, "\\$&")}(?![\\w$])`);
      return word.test(session.declarations) || word.test(session.code) || name in globalThis;
    },
    isProgram,
    inspection: (expression, withSource) => {
      const { kind, ...info } = session.inspect(expression);
      return inspectionCall(ts, expression, withSource, { ...info, isValue: !typesOnly.has(kind) }, session.sources);
    },
  };
}

/** Whether a word names a file that can be run, as a shell would look for it. */
function isProgram(word: string): boolean {
  if (word === "") return false;
  const places = word.includes("/") ? [""] : (process.env.PATH ?? "").split(delimiter);
  return places.some((place) => {
    try {
      accessSync(join(place, word), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
