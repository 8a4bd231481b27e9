// What operators and brackets mean for tensors, as types: asked by TypeScript's checker (compiler.ts) at every operator, and the
// memory of what it was told, from which emit.ts rewrites. Operands that are primitives never get further than the first test.

import type * as TS from "typescript";
import type { BinaryOperation, ElementAccess, OpenChecker, OpenCompiler, OperatorRules } from "./compiler";
import { arithmetic, type BinaryName, comparisons, prefixes, products } from "./table";
import { type Parts, TensorTypes } from "./tensor-types";

/** One operator as it is written, with or without an assignment. */
export interface BinaryRow {
  name: BinaryName;
  kind: "arithmetic" | "product" | "relation" | "equality";
  compound: boolean;
  /** The operator without its assignment. */
  plain: TS.SyntaxKind;
}

/**
 * How an operator or an access runs: "tensor" where it is surely one of tensors, "dynamic" where that shows at run time; none for
 * what stays as typed.
 */
export type Decision = "tensor" | "dynamic";

/** What was decided about the nodes of checked files. */
export interface Decisions {
  of(node: TS.Node): Decision | undefined;
  row(node: TS.BinaryExpression): BinaryRow | undefined;
  /** Whether operators work in a file. */
  covers(file: TS.SourceFile): boolean;
  /** Whether a type is that of tensors and of nothing else. */
  isTensor(checker: OpenChecker, type: TS.Type): boolean;
  /** Whether a type may be that of tensors, as far as the checker knows. */
  mayBeTensor(checker: OpenChecker, type: TS.Type): boolean;
}

/** Turns operators off for one cell or file. */
const offSwitch = /^[ \t]*\/\/[ \t]*@operators[ \t]+off\b/m;

/** `tensorFile` declares the class of tensors. */
export function operatorRules(ts: OpenCompiler, tensorFile: string): OperatorRules & Decisions {
  const { SyntaxKind, TypeFlags } = ts;
  const definite = ts.AssignmentKind.Definite;
  const primitive =
    TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BigIntLike | TypeFlags.BooleanLike | TypeFlags.Never;
  const nullish = TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void;
  const rows = binaryRows(ts);
  const decided = new WeakMap<TS.Node, Decision>();
  /** Accesses to what is no tensor: a comma in their brackets is the operator. */
  const plainAccesses = new WeakSet<TS.Node>();
  const types = new TensorTypes(ts, tensorFile);
  const switchedOff = new WeakMap<TS.SourceFile, boolean>();

  const covers = (file: TS.SourceFile): boolean => {
    let off = switchedOff.get(file);
    if (off === undefined) {
      off = (file.flags & ts.NodeFlags.JavaScriptFile) !== 0 || offSwitch.test(file.text);
      switchedOff.set(file, off);
    }
    return !off;
  };

  const isOff = (node: TS.Node): boolean => !covers(node.getSourceFile());

  /** The access whose brackets a comma stands in, if it does. */
  const accessOf = (comma: TS.Node): TS.Node | undefined => {
    const { parent } = comma;
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.CommaToken) return accessOf(parent);
    return ts.isElementAccessExpression(parent) && parent.argumentExpression === comma ? parent : undefined;
  };

  /** The checker also looks at indices before it has come to the access, and then reports the comma. */
  const isIndexList = (comma: TS.Node): boolean => {
    const access = accessOf(comma);
    return access !== undefined && !plainAccesses.has(access);
  };

  const decide = (node: TS.Node, decision: Decision | undefined): void => {
    if (decision) decided.set(node, decision);
    else decided.delete(node);
  };

  const isString = (checker: OpenChecker, type: TS.Type): boolean =>
    !(type.flags & (TypeFlags.Any | TypeFlags.Never)) && checker.isTypeAssignableTo(type, checker.getStringType());

  const isComparison = (node: TS.Expression): boolean => {
    const kind = ts.isBinaryExpression(node) && decided.has(node) ? rows.get(node.operatorToken.kind)?.kind : undefined;
    return kind === "relation" || kind === "equality";
  };

  const refuse = (checker: OpenChecker, node: TS.Node, operator: TS.SyntaxKind, types: TS.Type[]): void => {
    const names = types.map((type) => checker.typeToString(checker.getBaseTypeOfLiteralType(type)));
    const message = ts.Diagnostics.Operator_0_cannot_be_applied_to_types_1_and_2;
    checker.reportError(node, message, ts.tokenToString(operator) ?? "", ...names);
  };

  /** What the checker makes of an operation without tensors; it knows no products. */
  const withoutTensors = (checker: OpenChecker, operation: BinaryOperation): TS.Type => {
    const [left, operator, , leftType, rightType, , node] = operation;
    if (rows.get(operator.kind)?.kind !== "product") return checker.checkPlainBinary(...operation);
    refuse(checker, node ?? left, operator.kind, [leftType, rightType]);
    return checker.getAnyType();
  };

  const equality = (checker: OpenChecker, node: TS.Node, l: Parts, r: Parts): TS.Type | undefined => {
    const tensor = l.tensor ?? r.tensor;
    const onlyNullish = [l, r].some(({ tensor, rest }) => !tensor && rest && rest.flags & nullish);
    if (!tensor || onlyNullish) return undefined;
    const operand = types.parameterOf(checker, tensor, "eq", 0);
    const rests = [l, r].flatMap(({ rest }) => (rest ? [rest] : []));
    if (!rests.every((rest) => checker.isTypeAssignableTo(checker.getNonNullableType(rest), operand))) return undefined;
    decide(node, "tensor");
    // Compared with null or with each other, what is no tensor gives a plain boolean.
    const mayBePlain = rests.length === 2 || rests.some((rest) => checker.getNonNullableType(rest) !== rest);
    return mayBePlain ? checker.getUnionType([tensor, checker.getBooleanType()]) : tensor;
  };

  const ofTensors = (checker: OpenChecker, operation: BinaryOperation, row: BinaryRow, node: TS.Node): TS.Type => {
    const [left, operator, right] = operation;
    const leftType = checker.checkNonNullType(operation[3], left);
    const rightType = checker.checkNonNullType(operation[4], right);
    const l = types.partsOf(checker, leftType);
    const r = types.partsOf(checker, rightType);
    const tensor = (l.tensor ?? r.tensor) as TS.Type;
    const operand = types.parameterOf(checker, tensor, row.name, 0);
    const fits = (rest: TS.Type | undefined): boolean => !rest || checker.isTypeAssignableTo(rest, operand);
    if (!((!r.tensor || fits(l.rest)) && (!l.tensor || fits(r.rest)))) {
      refuse(checker, node, operator.kind, [leftType, rightType]);
      return tensor;
    }
    decide(node, "tensor");
    const bothPlain =
      l.rest && r.rest && checker.checkPlainBinary(left, { kind: row.plain }, right, l.rest, r.rest, undefined, node);
    const result = bothPlain ? checker.getUnionType([tensor, bothPlain]) : tensor;
    if (!row.compound) return result;
    // Where a tensor is on the left it stays what it was: a parameter is written in place.
    const assigned = l.tensor && !l.rest ? leftType : result;
    checker.checkPlainBinary(left, { kind: SyntaxKind.EqualsToken }, right, operation[3], assigned, undefined, node);
    return assigned;
  };

  const indicesOf = (node: TS.Expression): TS.Expression[] =>
    ts.isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.CommaToken
      ? [...indicesOf(node.left), node.right]
      : [node];

  /** Whether a key can only name a property. */
  const namesProperty = (key: TS.Type): boolean => {
    if (key.isUnion()) return key.types.every(namesProperty);
    return (key.flags & TypeFlags.ESSymbolLike) !== 0 || (key.isStringLiteral() && !isIndexText(key.value));
  };

  const ofElements = (checker: OpenChecker, access: ElementAccess, { tensor, rest }: Parts): TS.Type => {
    const [node, , checkMode] = access;
    const type = tensor as TS.Type;
    const indices = indicesOf(node.argumentExpression);
    const keys = indices.map((index) => checker.checkExpression(index));
    if (keys.length === 1 && namesProperty(keys[0])) return checker.checkPlainElement(...access);
    const allowed = types.parameterOf(checker, type, "at", 0);
    keys.forEach((key, i) => {
      if (checker.isTypeAssignableTo(key, allowed)) return;
      const message = ts.Diagnostics.Type_0_cannot_be_used_as_an_index_type;
      checker.reportError(indices[i], message, checker.typeToString(key));
    });
    decide(node, rest ? "dynamic" : "tensor");
    const own = ts.getAssignmentTargetKind(node) === definite ? types.parameterOf(checker, type, "setAt", 1) : type;
    if (!rest) return own;
    plainAccesses.add(node);
    return checker.getUnionType([own, checker.checkPlainElement(node, rest, checkMode)]);
  };

  /** The type of an element of what is no tensor, where a tensor of one whole number is the index. */
  const ofTensorIndex = (
    checker: OpenChecker,
    node: TS.ElementAccessExpression,
    receiver: TS.Type,
  ): TS.Type | undefined => {
    const key = node.argumentExpression;
    if (ts.isLiteralExpression(key) || isOff(node)) return undefined;
    if (!types.isTensor(checker, checker.checkExpression(key))) return undefined;
    const indexed = checker.checkNonNullType(receiver, node.expression);
    const isText = indexed.flags & TypeFlags.StringLike;
    const element = isText ? checker.getStringType() : checker.getIndexTypeOfType(indexed, ts.IndexKind.Number);
    if (element) decide(node, "dynamic");
    return element;
  };

  /** `a && b` and `a || b` with a tensor on the left give it back where its value decides, as in Python. */
  const chosen = (checker: OpenChecker, operation: BinaryOperation, result: TS.Type): TS.Type => {
    const [, operator, , leftType, , , node] = operation;
    const isChoice = operator.kind === SyntaxKind.AmpersandAmpersandToken || operator.kind === SyntaxKind.BarBarToken;
    if (!isChoice || !node || leftType.flags & primitive || isOff(node)) return result;
    const { tensor, rest } = types.partsOf(checker, leftType);
    return tensor && !rest ? checker.getUnionType([result, leftType, operation[4]]) : result;
  };

  return {
    of: (node) => decided.get(node),
    row: (node) => rows.get(node.operatorToken.kind),
    covers,
    isTensor: (checker, type) => types.isTensor(checker, type),
    mayBeTensor: (checker, type) => {
      const { tensor, any } = types.partsOf(checker, type);
      return any || tensor !== undefined;
    },

    writesInPlace(checker, name, type) {
      const parent = ts.walkUpOuterExpressions(name);
      if (!ts.isBinaryExpression(parent) || ts.skipOuterExpressions(parent.left) !== name || isOff(name)) return false;
      return rows.get(parent.operatorToken.kind)?.compound === true && types.isTensor(checker, type);
    },

    binary(checker, operation) {
      const [, operator, , leftType, rightType, , node] = operation;
      const row = rows.get(operator.kind);
      if (!row || !node || (leftType.flags & primitive && rightType.flags & primitive)) {
        if (row && node) decide(node, undefined);
        if (operator.kind === SyntaxKind.CommaToken && node && isIndexList(node)) return rightType;
        return chosen(checker, operation, withoutTensors(checker, operation));
      }
      const l = types.partsOf(checker, leftType);
      const r = types.partsOf(checker, rightType);
      const known = l.tensor !== undefined || r.tensor !== undefined;
      decide(node, undefined);
      const leave =
        (!known && (row.kind === "equality" || !(l.any || r.any))) ||
        (row.name === "add" && (isString(checker, leftType) || isString(checker, rightType))) ||
        // `a < b < c` compares truth with a number: an error in Python as in TypeScript.
        (row.kind === "relation" && isComparison(operation[0])) ||
        isOff(node);
      if (leave) return withoutTensors(checker, operation);
      if (row.kind === "equality") return equality(checker, node, l, r) ?? checker.checkPlainBinary(...operation);
      if (known) return ofTensors(checker, operation, row, node);
      if (row.kind !== "product") checker.checkPlainBinary(...operation);
      decide(node, "dynamic");
      // Not a number, as TypeScript has it: it may be a tensor.
      return checker.getAnyType();
    },

    prefix(checker, node, operand) {
      const text = ts.tokenToString(node.operator) ?? "";
      if (!Object.hasOwn(prefixes, text) || operand.flags & primitive) return undefined;
      decide(node, undefined);
      const given = types.partsOf(checker, operand);
      if (!(given.tensor || given.any) || isOff(node)) return undefined;
      decide(node, given.any ? "dynamic" : "tensor");
      if (!given.tensor) return checker.getAnyType();
      const { rest } = types.partsOf(checker, checker.checkNonNullType(operand, node.operand));
      return rest ? checker.getUnionType([given.tensor, checker.getUnaryResultType(rest)]) : given.tensor;
    },

    element(checker, access) {
      const [node, receiver] = access;
      decide(node, undefined);
      const given = types.partsOf(checker, receiver);
      if ((given.tensor || given.any) && !ts.isDeleteExpression(node.parent) && !isOff(node)) {
        if (given.tensor) return ofElements(checker, access, given);
        const key = node.argumentExpression;
        if (!ts.isStringLiteralLike(key) || isIndexText(key.text)) decide(node, "dynamic");
      }
      plainAccesses.add(node);
      return ofTensorIndex(checker, node, receiver) ?? checker.checkPlainElement(...access);
    },
  };
}

/** Whether a string is meant as an index, rather than as the name of a property. */
function isIndexText(text: string): boolean {
  return text.includes(":") || text.trim() === "...";
}

function binaryRows(ts: OpenCompiler): Map<TS.SyntaxKind, BinaryRow> {
  const kinds = new Map<string, TS.SyntaxKind>();
  for (let kind = ts.SyntaxKind.FirstPunctuation; kind <= ts.SyntaxKind.LastPunctuation; kind++) {
    const text = ts.tokenToString(kind);
    if (text !== undefined) kinds.set(text, kind);
  }
  const rows = new Map<TS.SyntaxKind, BinaryRow>();
  const add = (text: string, plain: string, row: Pick<BinaryRow, "name" | "kind" | "compound">): void => {
    rows.set(kinds.get(text) as TS.SyntaxKind, { plain: kinds.get(plain) as TS.SyntaxKind, ...row });
  };
  for (const [text, name] of Object.entries(arithmetic)) {
    add(text, text, { name, kind: "arithmetic", compound: false });
    add(`${text}=`, text, { name, kind: "arithmetic", compound: true });
  }
  for (const [text, name] of Object.entries(products)) add(text, text, { name, kind: "product", compound: false });
  for (const [text, name] of Object.entries(comparisons)) {
    add(text, text, { name, kind: name === "eq" || name === "ne" ? "equality" : "relation", compound: false });
  }
  return rows;
}
