// What a function closes over. JavaScript does not tell; its debugger does, which every Node has and which is attached here for as
// long as a value is packed.

import { Session } from "node:inspector";
import type { Place } from "./format";

/** Where a function stands, and the values that its text can see. */
export interface Closure {
  /** The script's number in this process. */
  readonly script: number;
  /** The script's address, `file:///…` for what a module system can load again, and where in it the function begins. */
  readonly place: Place;
  /** Variables of the script. */
  readonly outer: object;
  /** Variables of the functions around it, the innermost first. */
  readonly inner: readonly object[];
}

interface Remote {
  readonly objectId: string;
  readonly description?: string;
}

interface Property {
  readonly name: string;
  readonly value: Remote & {
    readonly value?: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
  };
}

/** The global by which a value passes to and from the debugger. */
const passage = Symbol.for("cresset.carry.passage");

/** The addresses of scripts, by their numbers, as far as they were asked for. */
const urls = new Map<string, string>();

/** Reads closures. `close` detaches the debugger. */
export class ClosureReader {
  private readonly session = new Session();
  private readonly passed: { value: unknown } = { value: undefined };

  constructor() {
    this.session.connect();
    this.session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
    Object.defineProperty(globalThis, passage, { value: this.passed, configurable: true });
  }

  close(): void {
    Reflect.deleteProperty(globalThis, passage);
    this.session.disconnect();
  }

  /** The closure of a function; null for one of the JavaScript engine's own. */
  read(value: object): Closure | null {
    this.passed.value = value;
    const expression = `globalThis[Symbol.for(${JSON.stringify(passage.description)})].value`;
    const { result } = this.post("Runtime.evaluate", { expression }) as { result: Remote };
    const properties = this.internals(result.objectId);
    const place = properties.find(({ name }) => name === "[[FunctionLocation]]")?.value.value;
    const scopes = properties.find(({ name }) => name === "[[Scopes]]")?.value;
    if (place === undefined || scopes === undefined) return null;
    const found = this.scopes(scopes.objectId);
    const outer = found.pop() ?? {};
    const { scriptId, lineNumber, columnNumber } = place;
    const url = this.urlOf(scriptId);
    return {
      script: Number(scriptId),
      place: { url, line: lineNumber + 1, column: columnNumber + 1 },
      outer,
      inner: found,
    };
  }

  /** The address of a script. The debugger tells those of all scripts at once, which takes some 20 ms: only for a new one. */
  private urlOf(script: string): string {
    if (!urls.has(script)) {
      this.post("Debugger.enable");
      this.post("Debugger.disable");
    }
    return urls.get(script) ?? "";
  }

  /** Variables by scope, from the innermost to the script's; globals are left out. */
  private scopes(objectId: string): object[] {
    const { result } = this.post("Runtime.getProperties", { objectId, ownProperties: true }) as { result: Property[] };
    const found: object[] = [];
    for (const { name, value } of result) {
      if (!/^\d+$/.test(name) || value.description === "Global") continue;
      found.push(this.value(value.objectId) as object);
    }
    return found.map((scope) => (scope as { object: object }).object);
  }

  private value(objectId: string): unknown {
    const functionDeclaration = `function () { globalThis[Symbol.for(${JSON.stringify(passage.description)})].value = this; }`;
    this.post("Runtime.callFunctionOn", { objectId, functionDeclaration });
    return this.passed.value;
  }

  private internals(objectId: string): Property[] {
    const answer = this.post("Runtime.getProperties", { objectId, ownProperties: true });
    return (answer as { internalProperties?: Property[] }).internalProperties ?? [];
  }

  private post(method: string, parameters: object = {}): unknown {
    let failure: Error | null = null;
    let answer: unknown;
    this.session.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw failure;
    return answer;
  }
}
