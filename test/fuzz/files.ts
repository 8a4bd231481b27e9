// Damaged files: each seed damages one file of a few, and loads it. What comes of it is an error of the library's, or, where the
// format has checksums, the data that the file had; in bounded time and memory, and never anything else.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as torch from "../../core/index";
import { joined } from "../../core/io/sink";
import { sourceOf } from "../../core/io/source";
import { ZipArchive } from "../../core/io/zip/read";
import { zipChunks } from "../../core/io/zip/write";
import { projectRoot } from "../goldens/library";
import type { Failure, Kind, Tally } from "./kind";
import { Random } from "./random";

const MILLISECONDS = 1000;
const FREE_BYTES = 50 * 2 ** 20;

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  /** Whether damage to the data is found by a checksum. */
  readonly checked: boolean;
  load(file: string | Buffer): unknown;
}

/** Everything that a value is, as a text. */
function dump(value: unknown): string {
  if (value instanceof torch.Tensor) {
    const bytes = value.numel() === 0 ? "" : Buffer.from(value.raw().buffer).toString("hex");
    return `${value.dtype} ${value.shape} ${value.stride().join()} ${value.requiresGrad} ${bytes}`;
  }
  if (value instanceof Map) return `Map(${[...value].map(([key, item]) => `${dump(key)}: ${dump(item)}`).join()})`;
  if (value instanceof Set || Array.isArray(value)) return `${value.constructor.name}(${[...value].map(dump).join()})`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${dump(item)}`)
      .join()}}`;
  }
  if (value instanceof torch.nn.StateDict) return `StateDict(${value.items().map(dump).join()})`;
  return Object.is(value, -0) ? "-0" : `${typeof value} ${String(value)}`;
}

function samples(folder: string): Sample[] {
  const x = torch.arange(60, { dtype: torch.float32 }).view(3, 20);
  const state = {
    epoch: 7,
    text: "naïve",
    big: 2n ** 70n,
    shared: [x, x.t(), x.at(1)],
    model: new torch.nn.StateDict({ w: torch.ones(3, 4), b: torch.zeros(4, { dtype: torch.int64 }) }),
    groups: [{ lr: 0.1, betas: Object.freeze([0.9, 0.999]) }],
  };
  const arrays = { x, y: torch.arange(9), half: torch.ones(5, { dtype: torch.float16 }) };
  const own = join(projectRoot(), "test", "data", "goldens", "checkpoints");
  const made = (name: string, write: (path: string) => void): Buffer => {
    const path = join(folder, name);
    write(path);
    return readFileSync(path);
  };
  const loadPt = (file: string | Buffer) => torch.load(file, typeof file === "string" ? { mmap: true } : {});
  const golden = (name: string, checked: boolean): Sample => ({
    name,
    bytes: readFileSync(join(own, name)),
    checked,
    load: loadPt,
  });
  const { numpy, safetensors, csv } = torch;
  return [
    pickleOf("own.pkl", Buffer.from(torch.save(state))),
    pickleOf("adam_state.pkl", readFileSync(join(own, "adam_state.pt"))),
    pickleOf("whole_module.pkl", readFileSync(join(own, "whole_module.pt"))),
    pickleOf("numpy_values.pkl", readFileSync(join(own, "numpy_values.pt"))),
    { name: "own.pt", bytes: Buffer.from(torch.save(state)), checked: true, load: loadPt },
    golden("full_checkpoint.pt", true),
    golden("protocol4.pt", true),
    golden("whole_module.pt", true),
    golden("legacy_checkpoint.pt", false),
    golden("legacy_shared.pt", false),
    {
      name: "own.safetensors",
      bytes: Buffer.from(safetensors.save(arrays, { format: "pt" })),
      checked: false,
      load: (file) => (typeof file === "string" ? safetensors.loadFile(file) : safetensors.load(file)),
    },
    { name: "own.npy", bytes: made("own.npy", (path) => numpy.save(path, x)), checked: false, load: numpy.load },
    { name: "own.npz", bytes: made("own.npz", (path) => numpy.savez(path, arrays)), checked: true, load: numpy.loadz },
    {
      name: "packed.npz",
      bytes: made("packed.npz", (path) => numpy.savezCompressed(path, arrays)),
      checked: true,
      load: numpy.loadz,
    },
    {
      name: "own.csv",
      bytes: Buffer.from('name,x,y\n"a, b",1,2.5\nc,-3,1e9\n"quo""te",0,\n'.repeat(3).replace(/\nname,x,y/g, "")),
      checked: false,
      load: (file) => csv.read(file).tensor(["x", "y"]),
    },
  ];
}

/** The pickle of a checkpoint: damaged, it comes with the right checksum. */
function pickleOf(name: string, checkpoint: Buffer): Sample {
  const archive = new ZipArchive(sourceOf(checkpoint));
  const entries = archive.names().map((entry) => ({ name: entry, bytes: archive.bytes(entry) }));
  const pickle = entries.find((entry) => entry.name.endsWith("data.pkl"));
  const load = (file: string | Buffer): unknown => {
    const damaged = typeof file === "string" ? readFileSync(file) : file;
    const chosen = entries.map((entry) => {
      const bytes = entry === pickle ? damaged : entry.bytes;
      return { name: entry.name, size: bytes.byteLength, chunks: [bytes] };
    });
    return torch.load(joined(zipChunks(chosen)) as Uint8Array);
  };
  return { name, bytes: Buffer.from(pickle?.bytes ?? []), checked: false, load };
}

/** Numbers that lengths and offsets are forged to. */
const FORGED = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff] as const;

const DAMAGES: readonly (readonly [weight: number, damage: (bytes: Buffer, random: Random) => Buffer])[] = [
  [
    4,
    (bytes, random) => {
      for (let k = 1 + random.below(4); k > 0; k--) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      return bytes;
    },
  ],
  [2, (bytes, random) => bytes.subarray(0, random.below(bytes.length))],
  [1, (bytes, random) => bytes.subarray(random.below(bytes.length))],
  [
    3,
    (bytes, random) => {
      bytes.writeUInt32LE(random.pick(FORGED), random.below(bytes.length - 4));
      return bytes;
    },
  ],
  [
    2,
    (bytes, random) => {
      const value = random.pick([0n, 1n << 31n, 1n << 40n, (1n << 53n) - 1n, 1n << 60n, (1n << 64n) - 1n]);
      bytes.writeBigUInt64LE(value, random.below(bytes.length - 8));
      return bytes;
    },
  ],
  [
    2,
    (bytes, random) => {
      const at = random.below(bytes.length);
      const part = Buffer.from(Array.from({ length: 1 + random.below(20) }, () => random.below(256)));
      return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    },
  ],
  [
    2,
    (bytes, random) => {
      const at = random.below(bytes.length);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(50)))]);
    },
  ],
  [
    1,
    (bytes, random) => {
      const from = random.below(bytes.length);
      bytes.copyWithin(random.below(bytes.length), from, from + random.below(100));
      return bytes;
    },
  ],
];

/** Damages files and loads them. */
export class FilePrograms implements Kind {
  private readonly folder = mkdtempSync(join(tmpdir(), "cresset-fuzz-"));
  private readonly samples = samples(this.folder).map((sample) => ({
    ...sample,
    whole: dump(sample.load(sample.bytes)),
  }));

  async compare(seed: number, count: number, tally: Tally): Promise<void> {
    for (let k = 0; k < count; k++) {
      const failure = this.one(seed + k);
      if (failure !== null) tally.failures.push(failure);
      tally.programs++;
    }
  }

  private one(seed: number): Failure | null {
    const random = new Random(seed);
    const sample = random.pick(this.samples);
    let bytes: Buffer = Buffer.from(sample.bytes);
    for (let times = 1 + random.below(2); times > 0 && bytes.length > 8; times--) {
      bytes = random.weighted(DAMAGES)(Buffer.from(bytes), random);
    }
    let file: string | Buffer = bytes;
    if (random.chance(20)) {
      file = join(this.folder, "damaged");
      writeFileSync(file, bytes);
    }
    const wrong = this.outcome(sample, file, bytes.length);
    if (wrong === null) return null;
    const kept = join(tmpdir(), `cresset-damaged-${seed}-${sample.name}`);
    writeFileSync(kept, bytes);
    return { seed, cause: `${sample.name}: ${wrong.slice(0, 80)}`, report: `${sample.name}: ${wrong} (${kept})` };
  }

  private outcome(sample: Sample & { whole: string }, file: string | Buffer, size: number): string | null {
    const before = process.resourceUsage().maxRSS * 1024;
    const start = performance.now();
    let value: unknown;
    let error: unknown = null;
    try {
      value = sample.load(file);
    } catch (thrown) {
      error = thrown;
    }
    if (performance.now() - start > MILLISECONDS) return `it took ${Math.round(performance.now() - start)} ms`;
    const grown = process.resourceUsage().maxRSS * 1024 - before;
    if (grown > 2 * size + FREE_BYTES) return `it took ${Math.round(grown / 2 ** 20)} MB for a file of ${size} bytes`;
    if (error !== null) {
      return error instanceof torch.CressetError
        ? null
        : `it throws ${error instanceof Error ? error.stack : String(error)}`;
    }
    const got = dump(value);
    // Memory that is mapped is not read when the file is loaded, and so not checked.
    if (!sample.checked || typeof file === "string" || got === sample.whole) return null;
    return `it loads as something else: ${got.slice(0, 300)}`;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
