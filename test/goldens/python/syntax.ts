// The syntax tree of the part of Python in which the training programs are written.

export type Expression =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "number"; readonly value: number; readonly float: boolean }
  | { readonly kind: "constant"; readonly value: string | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | {
      readonly kind: "comprehension";
      readonly item: Expression;
      readonly target: Expression;
      readonly over: Expression;
    }
  | { readonly kind: "slice"; readonly parts: readonly (Expression | null)[] }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly indices: readonly Expression[] }
  | {
      readonly kind: "call";
      readonly callee: Expression;
      readonly args: readonly Expression[];
      readonly kwargs: Keywords;
    }
  | { readonly kind: "unary"; readonly operator: string; readonly value: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "choice"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "lambda"; readonly parameters: readonly string[]; readonly body: Expression };

export type Keywords = readonly (readonly [name: string, value: Expression])[];

export type Statement =
  | { readonly kind: "expression"; readonly value: Expression }
  | { readonly kind: "assign"; readonly targets: readonly Expression[]; readonly value: Expression }
  | { readonly kind: "update"; readonly target: Expression; readonly operator: string; readonly value: Expression }
  | {
      readonly kind: "class";
      readonly name: string;
      readonly bases: readonly Expression[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "def";
      readonly name: string;
      readonly parameters: Parameters;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "for";
      readonly target: Expression;
      readonly over: Expression;
      readonly body: readonly Statement[];
    }
  | { readonly kind: "while"; readonly test: Expression; readonly body: readonly Statement[] }
  | { readonly kind: "with"; readonly context: Expression; readonly body: readonly Statement[] }
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  | { readonly kind: "return"; readonly value: Expression | null }
  | { readonly kind: "break" | "continue" | "pass" };

export type Parameters = readonly { readonly name: string; readonly preset: Expression | null }[];
