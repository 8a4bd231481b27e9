// What the front-end knows of TypeScript by itself: colours, when a cell is unfinished, prompts in pasted code.

import { describe, expect, it } from "vitest";
import { indentAfter, judge } from "../../repl/language/complete";
import { lex } from "../../repl/language/lexer";
import { stripPrompts } from "../../repl/language/paste";

function kinds(code: string): string[] {
  return lex(code).tokens.map((token) => `${token.kind}:${code.slice(token.start, token.end)}`);
}

describe("lexer", () => {
  it("knows the kinds", () => {
    expect(kinds("const x: Tensor = null; // y")).toEqual([
      "keyword:const",
      "name:x",
      "operator::",
      "type:Tensor",
      "operator:=",
      "constant:null",
      "operator:;",
      "comment:// y",
    ]);
  });
  it("tells a regular expression from a division", () => {
    expect(kinds("a / b / c")).not.toContain("regex:/ b /");
    expect(kinds("x = /[/)]/g")).toContain("regex:/[/)]/g");
    expect(kinds("return /a/")).toContain("regex:/a/");
  });
  it("looks into templates", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the code under test is a template literal
    expect(kinds("`a${b + `c${d}`}e`")).toEqual([
      "string:`a",
      "operator:${",
      "name:b",
      "operator:+",
      "string:`c",
      "operator:${",
      "name:d",
      "operator:}",
      "string:`",
      "operator:}",
      "string:e`",
    ]);
  });
  it("reads on over line ends", () => {
    expect(kinds("a = `b\n\n/c`;")).toEqual(["name:a", "operator:=", "string:`b\n\n/c`", "operator:;"]);
    expect(kinds("/* a\nb */ x")).toEqual(["comment:/* a\nb */", "name:x"]);
    expect(kinds("'a\\\nb'")).toEqual(["string:'a\\\nb'"]);
    expect(kinds("x.\ndelete")).toContain("name:delete");
    expect(kinds("x =\n/a/")).toContain("regex:/a/");
    expect(lex("'a\nb'").hopeless).toBe(true);
    expect(lex("`a\n").unterminated).toBe(true);
  });
  it("takes names after a dot for names", () => expect(kinds("x.delete")).toContain("name:delete"));
  it("reads any text to its end", () => {
    const strange = "é 👍 \u0000 \\ #! @ ` ' \" /* ${ 0x 1e 1_000n …";
    const tokens = lex(strange).tokens;
    expect(tokens[tokens.length - 1].end).toBe(strange.length);
    for (let index = 1; index < tokens.length; index++) {
      expect(tokens[index].start).toBeGreaterThanOrEqual(tokens[index - 1].end);
      expect(tokens[index].end).toBeGreaterThan(tokens[index].start);
    }
  });
});

describe("cells", () => {
  it.each(["function f() {", "torch.ones(2", "`abc", "/* abc", "a +", "x = [1,", "const f = () =>", "a.", "`${"])(
    "%j waits",
    (code) => expect(judge(code)).toBe("unfinished"),
  );
  it.each(["1+1", "i++", "x!", "f() {}", "// {", "/[(]/", "x as Array<number>", "a + // b\n1", "'a\\\nb'", ""])(
    "%j may be whole",
    (code) => expect(judge(code)).toBe("open"),
  );
  it.each(["!ls src/*", "1\n!echo (", "%time f()", "%%time\nf()"])(
    "%j may be whole: magics are no TypeScript",
    (code) => expect(judge(code)).toBe("open"),
  );
  it.each(["%time f(", "`\n!ls"])("%j waits all the same", (code) => expect(judge(code)).toBe("unfinished"));
  it.each(["a)", "(]", "'abc", '"(', 'f("a\n', "'"])("%j is beyond help", (code) =>
    expect(judge(code)).toBe("hopeless"),
  );
  it("indents by open lines, not by brackets", () => {
    expect(indentAfter("function f(x: number) {")).toBe("  ");
    expect(indentAfter("f({")).toBe("  ");
    expect(indentAfter("f({\n  a: [")).toBe("    ");
    expect(indentAfter("f()")).toBe("");
    expect(indentAfter("`${")).toBe("  ");
  });
});

describe("pasted prompts", () => {
  it.each([
    ["In [3]: f(1,\n   ...:   2)\nOut[3]: 4", "f(1,\n  2)"],
    [">>> x = 1\n>>> x\n1", "x = 1\nx"],
    ["> a\n> b", "a\nb"],
    ["a > b\n> c", "a > b\n> c"],
    ["const a = 1\n\nconst b = 2", "const a = 1\n\nconst b = 2"],
  ])("%j becomes %j", (pasted, code) => expect(stripPrompts(pasted)).toBe(code));
});
