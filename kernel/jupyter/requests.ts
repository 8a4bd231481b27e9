// The requests that a kernel answers without running a cell.

import type { Session } from "../session/session";
import type { History } from "./history";
import { toPoints, toUnits } from "./positions";
import { languageInfo } from "./spec";
import { type Content, protocolVersion } from "./wire";

export type Answer = (content: Content) => Content | Promise<Content>;

function codeOf(content: Content): { code: string; offset: number } {
  const code = typeof content.code === "string" ? content.code : "";
  const points = typeof content.cursor_pos === "number" ? content.cursor_pos : Number.POSITIVE_INFINITY;
  return { code, offset: toUnits(code, points) };
}

/** Request type → content of its reply. */
export function answers(session: Session, history: History, version: string): Record<string, Answer> {
  return {
    kernel_info_request: () => ({
      status: "ok",
      protocol_version: protocolVersion,
      implementation: "cresset",
      implementation_version: version,
      language_info: languageInfo,
      banner: `Cresset ${version}: PyTorch's way of working, in TypeScript`,
      debugger: false,
      help_links: [
        { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
        { text: "PyTorch", url: "https://pytorch.org/docs/stable/" },
      ],
    }),

    complete_request: async (content) => {
      const { code, offset } = codeOf(content);
      const { start, end, completions } = await session.complete(code, offset);
      const range = { start: toPoints(code, start), end: toPoints(code, end) };
      const types = completions.map(({ text, kind, type }) => ({ text, type: kind, signature: type ?? "", ...range }));
      return {
        status: "ok",
        matches: completions.map(({ text }) => text),
        cursor_start: range.start,
        cursor_end: range.end,
        metadata: { _jupyter_types_experimental: types },
      };
    },

    inspect_request: async (content) => {
      const { code, offset } = codeOf(content);
      const { found, text } = await session.inspect(code, offset);
      return { status: "ok", found, data: found ? { "text/plain": text } : {}, metadata: {} };
    },

    is_complete_request: async (content) => {
      const { status, indent } = await session.isComplete(codeOf(content).code);
      return status === "incomplete" ? { status, indent } : { status };
    },

    history_request: (content) => ({ status: "ok", history: history.find(content) }),

    comm_info_request: () => ({ status: "ok", comms: {} }),

    interrupt_request: () => {
      session.interrupt();
      return { status: "ok" };
    },

    // The kernel stops when this has been answered.
    shutdown_request: (content) => ({ status: "ok", restart: content.restart === true }),
  };
}
