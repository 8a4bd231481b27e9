// Steps of a real client: each becomes a message or an action in python/drive.py, and the tests look at what came back.

import { join } from "node:path";
import { execute, type JupyterPlace, python } from "./jupyter-place";

export type Step = Record<string, object>;

export interface Executed {
  type: string;
  reply: Record<string, unknown>;
  messages: { type: string; content: Record<string, unknown> }[];
}

export interface During {
  steps: Executed[];
  cell: Executed;
}

/** Runs steps in one fresh kernel. */
export function driver({ folder, env }: JupyterPlace): <T>(...steps: Step[]) => Promise<T[]> {
  return async <T>(...steps: Step[]) => {
    const running = execute(python, [join(__dirname, "python/drive.py")], { cwd: folder, env, maxBuffer: 1 << 26 });
    running.child.stdin?.end(JSON.stringify(steps));
    return JSON.parse((await running).stdout) as T[];
  };
}

export const cell = (code: string, options: object = {}): Step => ({ execute: { code, ...options } });
export const request = (kind: string, content: object, channel = "shell"): Step => ({
  request: { kind, content, channel },
});
export const types = ({ messages }: Executed): string[] => messages.map((message) => message.type);
export const content = ({ messages }: Executed, type: string) =>
  messages.find((message) => message.type === type)?.content;
