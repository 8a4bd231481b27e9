// Which types are those of tensors, and what the methods of tensors take. Types live as long as their program, and so do the answers.

import type * as TS from "typescript";
import type { OpenChecker, OpenCompiler } from "./compiler";

/** The parts of an operand's type: what of it is a tensor, and what is not. */
export interface Parts {
  tensor?: TS.Type;
  rest?: TS.Type;
  any: boolean;
}

export class TensorTypes {
  private readonly known = new WeakMap<TS.Type, { tensor: TS.Type | undefined }>();

  /** `tensorFile` declares the class of tensors. */
  constructor(
    private readonly ts: OpenCompiler,
    private readonly tensorFile: string,
  ) {}

  partsOf(checker: OpenChecker, type: TS.Type): Parts {
    const { TypeFlags } = this.ts;
    if (type.flags & TypeFlags.Any) return { any: true };
    const whole = (type.flags & TypeFlags.Instantiable && checker.getBaseConstraintOfType(type)) || type;
    if (!whole.isUnion()) {
      const tensor = this.tensorOf(checker, whole);
      return tensor ? { tensor, any: false } : { rest: type, any: false };
    }
    const found = whole.types.map((member) => this.tensorOf(checker, member));
    const tensor = found.find((member) => member !== undefined);
    if (!tensor) return { rest: type, any: false };
    const others = whole.types.filter((_, i) => !found[i]);
    return { tensor, rest: others.length > 0 ? checker.getUnionType(others) : undefined, any: false };
  }

  /** Whether a type is that of tensors and of nothing else. */
  isTensor(checker: OpenChecker, type: TS.Type): boolean {
    const { tensor, rest } = this.partsOf(checker, type);
    return tensor !== undefined && rest === undefined;
  }

  /** The type that a method of tensors takes at a position. */
  parameterOf(checker: OpenChecker, tensor: TS.Type, method: string, position: number): TS.Type {
    const symbol = checker.getPropertyOfType(tensor, method);
    const [signature] = symbol
      ? checker.getSignaturesOfType(checker.getTypeOfSymbol(symbol), this.ts.SignatureKind.Call)
      : [];
    if (!signature) throw new Error(`The library's tensors have no method ${method}`);
    return checker.getParameterType(signature, position);
  }

  /** The library's own class under a type: of a tensor, a parameter, a type parameter that extends one. */
  private tensorOf(checker: OpenChecker, type: TS.Type): TS.Type | undefined {
    const { TypeFlags } = this.ts;
    if (type.flags & TypeFlags.Instantiable) {
      const constraint = checker.getBaseConstraintOfType(type);
      return constraint && constraint !== type ? this.tensorOf(checker, constraint) : undefined;
    }
    if (type.isIntersection()) return this.firstOf(checker, type.types);
    if (!(type.flags & TypeFlags.Object) || !type.symbol) return undefined;
    let known = this.known.get(type);
    if (!known) {
      // Remembered first, for a class that leads back to itself.
      known = { tensor: undefined };
      this.known.set(type, known);
      known.tensor = this.find(checker, type.symbol);
    }
    return known.tensor;
  }

  private firstOf(checker: OpenChecker, types: readonly TS.Type[]): TS.Type | undefined {
    return types.map((type) => this.tensorOf(checker, type)).find((tensor) => tensor !== undefined);
  }

  private find(checker: OpenChecker, symbol: TS.Symbol): TS.Type | undefined {
    if (!(symbol.flags & this.ts.SymbolFlags.Class)) return undefined;
    const declared = checker.getDeclaredTypeOfSymbol(symbol);
    const isHere = (declaration: TS.Node): boolean => declaration.getSourceFile().fileName === this.tensorFile;
    if (symbol.name === "Tensor" && symbol.declarations?.some(isHere)) return declared;
    return declared.isClassOrInterface() ? this.firstOf(checker, checker.getBaseTypes(declared)) : undefined;
  }
}
