// How lines that are no TypeScript look: magics, commands of the shell, questions. Data only, for the session and for front-ends that
// must tell such a line before they ask the session.

/** Whether a cell may have such a line at all. */
export const candidate = /^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[!%]\S/m;

/** A magic at the head of a cell, for all of it: the blanks before it, and its name. */
export const headMagic = /^(\s*)%%([A-Za-z]\w*)/;

/** A magic: the blanks before it, a second `%`, its name and the rest of the line. */
export const magicLine = /^([ \t]*)%(%?)([A-Za-z]\w*)(?![\w(.[?])(.*)$/;

/** A command: the blanks before it, and its text. `!(`, `! x` and the words of TypeScript that may follow a negation are TypeScript. */
export const commandLine = /^([ \t]*)!(?!(?:function|async|await|new|this|typeof)\b)(?=[\w./~"'$-])(.*)$/;

/** A question about what comes before the mark or behind it: `?name`, `??name`, `name?`, `name??`. */
export const questionLine = /^([ \t]*)(?:\?(\??)[ \t]*([\w$.%]*)|([\w$.%]+?)\?(\??))[ \t]*$/;

/** The value of a command or magic: `const lines = !ls`. */
export const assignmentLine = /^([ \t]*(?:(?:const|let|var)[ \t]+)?[\w$]+[ \t]*(?::[^=]*)?=[ \t]*)([!%])(\S.*)$/;

/** The name that a question is about; `undefined` for a line that asks nothing. */
export function askedName(line: string): string | undefined {
  const found = questionLine.exec(line);
  return found ? (found[3] ?? found[4]) : undefined;
}

/** A line as TypeScript sees it: without the sign and the name of a magic, or without the command. */
export function withoutMagic(line: string): string {
  const magic = magicLine.exec(line);
  if (magic) return " ".repeat(line.length - magic[4].length) + magic[4];
  return commandLine.test(line) ? " ".repeat(line.length) : line;
}
