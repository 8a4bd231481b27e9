// Devices by name. Tensors live on the CPU; those on the meta device have no elements.

import { inspectSymbol } from "../inspect";
import { ArgumentError, DeviceError } from "../errors";

/** A place for tensors, as `torch.device`. Prints as `device(type='cpu')`; as a string, `cpu` or `cuda:0`. */
export class Device {
  constructor(
    readonly type: string,
    readonly index: number | null = null,
  ) {}

  toString(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }

  [inspectSymbol](): string {
    return this.index === null ? `device(type='${this.type}')` : `device(type='${this.type}', index=${this.index})`;
  }
}

export const cpu = new Device("cpu");

const KINDS = ["cpu", "cuda", "meta"];

/**
 * A device from its name: `"cpu"`, `"cuda"`, `"cuda:1"` (PyTorch: `torch.device`).
 * Throws ArgumentError for a string that names none.
 */
export function device(name: string | Device, index?: number): Device {
  if (name instanceof Device) return name;
  const match = /^([a-z]+)(?::(\d+))?$/.exec(name);
  if (match === null) throw new ArgumentError(`Invalid device string: '${name}'`);
  if (!KINDS.includes(match[1])) {
    throw new ArgumentError(`Expected one of ${KINDS.join(", ")} device type at start of device string: ${match[1]}`);
  }
  const number = index ?? (match[2] === undefined ? null : Number(match[2]));
  return new Device(match[1], number);
}

/** The device of tensors without elements. */
export const meta = new Device("meta");

/** Checks that tensors can live there. Throws DeviceError for a device that this machine or build does not have. */
export function requireDevice(name: string | Device): Device {
  const found = device(name);
  if (found.type === "meta") return meta;
  if (found.type !== "cpu") {
    throw new DeviceError(
      `Cresset has no ${found.type} backend on this machine: tensors live on 'cpu'. (Asked for device '${found}'; torch.cuda.isAvailable() is false.)`,
    );
  }
  return cpu;
}
