// The hierarchy of errors that people see. Messages use PyTorch's words where it has them.

/** Base of every error that the library throws on purpose. */
export class CressetError extends Error {
  constructor(message: string) {
    super(message);
    // The constructor's own name, so that subclasses print as themselves.
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true });
  }
}

/** Shapes that do not fit together. */
export class ShapeError extends CressetError {}
/** Dtypes that do not fit the operation. */
export class DTypeError extends CressetError {}
/** An index or a dimension out of range. */
export class IndexError extends CressetError {}
/** A device that is absent, or tensors on different devices. */
export class DeviceError extends CressetError {}
/** A misuse of the graph: no graph, a freed graph, a saved value changed in place. */
export class AutogradError extends CressetError {}
/** A file that is damaged or not of the expected format. */
export class FormatError extends CressetError {}
/** Memory that the device could not give, even after collecting garbage. */
export class OutOfMemoryError extends CressetError {}
/** An argument of the wrong kind, a missing one, or an unknown option. */
export class ArgumentError extends CressetError {}
/** A matrix for which there is no result: a singular one, or one on which an iteration does not end. Source: torch.linalg.LinAlgError. */
export class LinAlgError extends CressetError {}
