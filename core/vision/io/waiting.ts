// Who decodes and encodes: for a caller that waits, and for one that awaits.

import { formatOf, perform, type Picture, type Request } from "./codec";
import { decodeJpeg } from "./jpeg";
import { ImageReadMode } from "./mode";
import { askHelper } from "./thread";

/** Does what is asked while the caller waits. Throws as `perform` rejects. */
export function performNow(request: Request): Picture {
  return byLibjpeg(request) ?? askHelper(request);
}

/** Does what is asked in Node's threads, with the results of `performNow`: the brightness that a JPEG file stores is libjpeg's alone. */
export async function performLater(request: Request): Promise<Picture> {
  const grey = request.kind === "decode" && request.mode === ImageReadMode.GRAY;
  return (grey ? byLibjpeg(request) : null) ?? (await perform(request));
}

function byLibjpeg(request: Request): Picture | null {
  const isJpeg = request.kind === "decode" && formatOf(request.bytes) === "jpeg";
  return isJpeg ? decodeJpeg(request.bytes, request.mode) : null;
}
