// `torch.autocast`: a part of a program in which operations choose their dtypes.

import { Signature } from "../arguments/signature";
import { type Ending, withEntry } from "../disposable";
import { ArgumentError } from "../errors";
import { inspectSymbol } from "../inspect";
import { isThenable } from "../scoped";
import { bfloat16, type DType, float16 } from "../tensor/dtype";
import { warn } from "../warnings";
import { openRegion } from "./casts";
import { type AutocastDevice, type AutocastMode, caching, clearAutocastCache, modes } from "./state";

/** Options of `torch.autocast`, which may give the device as well. */
export interface AutocastOptions {
  /** What operations that lose little compute in. Default: bfloat16 on the CPU, float16 on CUDA devices. */
  dtype?: DType | null;
  /** False ends autocast for the region. Default true. */
  enabled?: boolean;
  /** Whether weights are cast once in the region. Default: as around it, true outside. */
  cacheEnabled?: boolean | null;
}

type Method = (...args: unknown[]) => unknown;

/** Wraps a function or method so that its body is a region, as a decorator too; or a region for `using`. */
export interface Region extends Ending {
  <F>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<F>): void;
  <A extends unknown[], R>(method: (...args: A) => R, context?: unknown): (...args: A) => R;
}

interface Settings {
  readonly device: AutocastDevice;
  readonly mode: AutocastMode;
  readonly caches: boolean;
}

/** The dtypes in which the CPU computes products of 16 bits. */
const CPU_DTYPES: readonly DType[] = [bfloat16, float16];

function settingsOf(
  deviceType: string,
  dtype: DType | null = null,
  enabled = true,
  cacheEnabled: boolean | null = null,
): Settings {
  if (deviceType !== "cpu" && deviceType !== "cuda")
    throw new ArgumentError("User specified autocast device_type must be 'cuda' or 'cpu'");
  const chosen = dtype ?? modes[deviceType].value.dtype;
  let on = enabled;
  if (on && deviceType === "cuda") {
    warn("User provided device_type of 'cuda', but CUDA is not available. Disabling");
    on = false;
  }
  if (on && !CPU_DTYPES.includes(chosen)) {
    warn(
      "In CPU autocast, but the target dtype is not supported. Disabling autocast.\nCPU Autocast only supports dtype of torch.bfloat16 and torch.float16 currently.",
    );
    on = false;
  }
  return { device: deviceType, mode: { enabled: on, dtype: chosen }, caches: cacheEnabled ?? caching.value };
}

/** Begins a region for the code that follows; gives back what ends it. */
function enter({ device, mode, caches }: Settings): () => void {
  const endings = [openRegion(clearAutocastCache), modes[device].enter(mode), caching.enter(caches)];
  return () => {
    for (const end of endings.reverse()) end();
  };
}

/** Runs `body` as a region, to the end of its promise when it gives one. */
function during<T>({ device, mode, caches }: Settings, body: () => T): T {
  const close = openRegion(clearAutocastCache);
  let result: T;
  try {
    result = modes[device].during(mode, () => caching.during(caches, body));
  } catch (error) {
    close();
    throw error;
  }
  if (isThenable(result)) result.then(close, close);
  else close();
  return result;
}

function regionOf(settings: Settings): Region {
  const wrapped = (method: Method): Method =>
    function (this: unknown, ...args) {
      return during(settings, () => method.apply(this, args));
    };
  const decorate = (method: unknown, _context?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor === undefined) return wrapped(method as Method);
    descriptor.value = wrapped(descriptor.value);
    return undefined;
  };
  const region = withEntry(decorate, () => enter(settings)) as Region;
  const { device, mode } = settings;
  const shown = `<torch.autocast("${device}", { dtype: ${mode.dtype}, enabled: ${mode.enabled} })>`;
  return Object.defineProperty(region, inspectSymbol, { value: () => shown });
}

/** Reads the arguments of a call, of which the last may be the body of the region. */
function call(own: Signature, args: readonly unknown[], settings: (...values: unknown[]) => Settings): unknown {
  const last = args.at(-1);
  const body = typeof last === "function" ? (last as () => unknown) : null;
  const found = settings(...own.read(body === null ? args : args.slice(0, -1)));
  return body === null ? regionOf(found) : during(found, body);
}

interface Autocast {
  <T>(deviceType: string, body: () => T): T;
  <T>(deviceType: string, options: AutocastOptions, body: () => T): T;
  <T>(options: AutocastOptions & { deviceType: string }, body: () => T): T;
  (deviceType: string, options?: AutocastOptions): Region;
  (deviceType: string, dtype?: DType | null, enabled?: boolean, cacheEnabled?: boolean | null): Region;
  (options: AutocastOptions & { deviceType: string }): Region;
}

const autocastTakes = new Signature(
  "def autocast(str deviceType, Dtype? dtype=None, bool enabled=True, bool? cacheEnabled=None)",
);

/**
 * Runs a function as a region in which operations choose their dtypes, and returns its result: products of matrices and convolutions compute in
 * `dtype`, losses and what needs it in float32; all others take what they are given. `torch.autocast("cpu", { dtype: torch.bfloat16 }, () =>
 * model(x))`; without the function a decorator, and a region for the rest of a block, `using _ = torch.autocast("cpu")`. Regions nest; an
 * async function stays in its region until its promise settles. Call `backward` outside: gradients have the dtypes of what they belong to.
 * Throws ArgumentError for devices other than "cpu" and "cuda"; without CUDA, "cuda" is disabled with a warning. float16 on the CPU is as in
 * PyTorch 2. Source: torch.autocast.
 */
export const autocast = ((...args: unknown[]) => call(autocastTakes, args, settingsOf as never)) as Autocast;

export interface DeviceAutocast {
  <T>(body: () => T): T;
  <T>(options: AutocastOptions, body: () => T): T;
  (options?: AutocastOptions): Region;
  (enabled?: boolean, dtype?: DType, cacheEnabled?: boolean): Region;
}

/** `torch.cpu.amp.autocast` and its like: the device is known, and `enabled` comes first. */
export function autocastOn(device: AutocastDevice, dtype: DType): DeviceAutocast {
  const own = new Signature(`def autocast(bool enabled=True, Dtype dtype=torch.${dtype.name}, bool cacheEnabled=True)`);
  const settings = (enabled = true, chosen: DType = dtype, caches = true): Settings =>
    settingsOf(device, chosen, enabled, caches);
  return ((...args: unknown[]) => call(own, args, settings as never)) as DeviceAutocast;
}

/** Whether a region for CUDA devices is open. Source: torch.is_autocast_enabled. */
export function isAutocastEnabled(): boolean {
  return modes.cuda.value.enabled;
}

/** Whether a region for the CPU is open. Source: torch.is_autocast_cpu_enabled. */
export function isAutocastCpuEnabled(): boolean {
  return modes.cpu.value.enabled;
}

/** What operations that lose little compute in on the CPU: bfloat16 outside of regions. Source: torch.get_autocast_cpu_dtype. */
export function getAutocastCpuDtype(): DType {
  return modes.cpu.value.dtype;
}

/** The same on CUDA devices: float16 outside of regions. Source: torch.get_autocast_gpu_dtype. */
export function getAutocastGpuDtype(): DType {
  return modes.cuda.value.dtype;
}

/** Whether weights are cast once in a region. Source: torch.is_autocast_cache_enabled. */
export function isAutocastCacheEnabled(): boolean {
  return caching.value;
}
