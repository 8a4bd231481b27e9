// The requests that a kernel answers without running a cell.

import { languageInfo } from "../notebook/language";
import type { Session } from "../session/session";
import { findHistory } from "./history";
import { toPoints, toUnits } from "./positions";
import { type Connection, type Content, protocolVersion } from "./wire";

export type Answer = (content: Content) => Content | Promise<Content>;

/** TypeScript's kinds of names → those that Jupyter's front-ends have pictures for; others keep their word. */
const jupyterKinds: Record<string, string> = {
  const: "instance",
  let: "instance",
  var: "instance",
  "local var": "instance",
  alias: "instance",
  method: "function",
  "local function": "function",
  "local class": "class",
  getter: "property",
  setter: "property",
  "external module name": "module",
  script: "module",
};

function codeOf(content: Content): { code: string; offset: number } {
  const code = typeof content.code === "string" ? content.code : "";
  const points = typeof content.cursor_pos === "number" ? content.cursor_pos : Number.POSITIVE_INFINITY;
  return { code, offset: toUnits(code, points) };
}

/** Request type → content of its reply. */
export function answers(
  session: Session,
  connection: Connection,
  version: string,
  interrupt: () => void,
): Record<string, Answer> {
  return {
    kernel_info_request: () => ({
      status: "ok",
      protocol_version: protocolVersion,
      implementation: "cresset",
      implementation_version: version,
      language_info: languageInfo,
      banner: `Cresset ${version}: PyTorch's way of working, in TypeScript`,
      debugger: false,
      supported_features: [],
      help_links: [
        { text: "Node.js", url: "https://nodejs.org/api/" },
        { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
        { text: "PyTorch", url: "https://pytorch.org/docs/stable/" },
      ],
    }),

    complete_request: async (content) => {
      const { code, offset } = codeOf(content);
      const { start, end, completions } = await session.complete(code, offset);
      const range = { start: toPoints(code, start), end: toPoints(code, end) };
      const types = completions.map(({ text, kind, type }) => ({
        text,
        type: Object.hasOwn(jupyterKinds, kind) ? jupyterKinds[kind] : kind,
        signature: type ?? "",
        ...range,
      }));
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
      const { found, text, markdown } = await session.inspect(code, offset, content.detail_level === 1);
      const data = found ? { "text/plain": text, "text/markdown": markdown } : {};
      return { status: "ok", found, data, metadata: {} };
    },

    is_complete_request: async (content) => {
      const { status, indent } = await session.isComplete(codeOf(content).code);
      return status === "incomplete" ? { status, indent } : { status };
    },

    history_request: (content) => ({ status: "ok", history: findHistory(session.history, content) }),

    connect_request: () => {
      const { shell_port, iopub_port, stdin_port, control_port, hb_port } = connection;
      return { status: "ok", shell_port, iopub_port, stdin_port, control_port, hb_port };
    },

    comm_info_request: () => ({ status: "ok", comms: {} }),

    interrupt_request: () => {
      interrupt();
      return { status: "ok" };
    },

    // The kernel stops when this has been answered.
    shutdown_request: (content) => ({ status: "ok", restart: content.restart === true }),
  };
}
