// Whose arguments are being written, and which of them: the signatures of the innermost call around a position, with documentation.

import type * as TS from "typescript";
import type { InspectReply, Signature, SignatureReply } from "../protocol";

/** The part of the language service that is used, which the compiler's types leave out. */
interface SignatureTools {
  SignatureHelp: {
    getSignatureHelpItems(
      program: TS.Program,
      file: TS.SourceFile,
      position: number,
      trigger: undefined,
      token: TS.CancellationToken,
    ): TS.SignatureHelpItems | undefined;
  };
}

const never: TS.CancellationToken = { isCancellationRequested: () => false, throwIfCancellationRequested: () => {} };

/** No call is around the position. */
export const noSignature: SignatureReply = { signatures: [], active: 0, parameter: 0 };

/** The signatures of the call around `position`. */
export function signatureAt(ts: typeof TS, program: TS.Program, file: TS.SourceFile, position: number): SignatureReply {
  const { SignatureHelp } = ts as typeof TS & SignatureTools;
  const found = SignatureHelp.getSignatureHelpItems(program, file, position, undefined, never);
  if (!found) return noSignature;
  const textOf = (parts: readonly TS.SymbolDisplayPart[]): string => ts.displayPartsToString([...parts]);
  const signatures = found.items.map((item): Signature => {
    let text = textOf(item.prefixDisplayParts);
    const parameters = item.parameters.map((parameter, index) => {
      if (index > 0) text += textOf(item.separatorDisplayParts);
      const start = text.length;
      text += textOf(parameter.displayParts);
      const { name, isOptional, documentation } = parameter;
      return { name, start, end: text.length, optional: isOptional, documentation: textOf(documentation) };
    });
    return { text: text + textOf(item.suffixDisplayParts), documentation: textOf(item.documentation), parameters };
  });
  const active = found.selectedItemIndex;
  // A rest parameter, or one too many, is the last.
  const last = Math.max(0, (signatures[active]?.parameters.length ?? 0) - 1);
  return { signatures, active, parameter: Math.min(found.argumentIndex, last) };
}

/** An explanation of the function that is called, with the signature in use and what its argument is for, where these say more. */
export function withSignature(reply: InspectReply, { signatures, active, parameter }: SignatureReply): InspectReply {
  const signature = signatures[active];
  if (!signature) return reply;
  const current = signature.parameters[parameter];
  const more = [
    { text: signature.text, markdown: `\`\`\`typescript\n${signature.text}\n\`\`\`` },
    ...(current?.documentation
      ? [{ text: `${current.name}: ${current.documentation}`, markdown: `*${current.name}* ${current.documentation}` }]
      : []),
  ].filter(({ text }) => !reply.text.includes(text));
  return {
    ...reply,
    text: [reply.text, ...more.map(({ text }) => text)].join("\n\n"),
    markdown: [reply.markdown, ...more.map(({ markdown }) => markdown)].join("\n\n"),
  };
}
