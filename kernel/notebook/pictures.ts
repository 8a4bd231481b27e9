// The sizes of pictures, as far as their first bytes or their outermost element tell.

/** `800 × 600` for a picture of a notebook; its MIME type alone where the size is not known. */
export function pictureSize(mime: string, data: unknown): string {
  return (typeof data === "string" && sizes[mime]?.(data)) || mime;
}

const sizes: Readonly<Record<string, (data: string) => string | undefined>> = {
  "image/png": (data) => {
    const start = Buffer.from(data.replace(/\s/g, "").slice(0, 32), "base64");
    // Signature, length and name of the first chunk; then width and height.
    return start.length >= 24 && start.toString("latin1", 12, 16) === "IHDR"
      ? `${start.readUInt32BE(16)} × ${start.readUInt32BE(20)}`
      : undefined;
  },
  "image/svg+xml": (data) => {
    const [element] = /<svg\b[^>]*>/.exec(data) ?? [""];
    const attribute = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1];
    const [, , width = attribute("width"), height = attribute("height")] =
      attribute("viewBox")
        ?.trim()
        .split(/[\s,]+/) ?? [];
    return width && height ? `${width} × ${height}` : undefined;
  },
};
