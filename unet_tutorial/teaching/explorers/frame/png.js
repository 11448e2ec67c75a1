// The pixels of a PNG, exactly as Python wrote them, in the browser and in Node alike. A canvas
// would need a document, and some browsers add noise to what they hand back.

const HEAD = 8; // bytes before the first chunk
const text = (bytes) => String.fromCharCode(...bytes);

/** Reads greys of 8 or 16 bits: {width, height, pixels}. `href` is a file's address or holds it. */
export async function readPng(href) {
  const chunks = chunksOf(await bytesOf(href));
  const about = new DataView(chunks.find(({ kind }) => kind === "IHDR").bytes.slice().buffer);
  const [width, height] = [about.getUint32(0), about.getUint32(4)];
  const size = about.getUint8(8) / 8;
  const packed = new Blob(chunks.filter(({ kind }) => kind === "IDAT").map(({ bytes }) => bytes));
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate"));
  const rows = new Uint8Array(await new Response(stream).arrayBuffer());
  return { width, height, pixels: joined(unfilter(rows, width * size, size), size) };
}

async function bytesOf(href) {
  if (!href.startsWith("data:")) return new Uint8Array(await (await fetch(href)).arrayBuffer());
  return Uint8Array.from(atob(href.slice(href.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
}

function chunksOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found = [];
  for (let at = HEAD; at < bytes.length;) {
    const [start, length] = [at + 8, view.getUint32(at)];
    found.push({ kind: text(bytes.subarray(at + 4, start)), bytes: bytes.subarray(start, start + length) });
    at = start + length + 4; // the checksum
  }
  return found;
}

/** Each row begins with how its bytes were predicted from those to the left and above. */
function unfilter(rows, width, size) {
  const bytes = new Uint8Array((rows.length / (width + 1)) * width);
  for (let from = 0, to = 0; to < bytes.length; from += 1) {
    const predict = PREDICT[rows[from]];
    for (let i = 0; i < width; i += 1, to += 1) {
      const left = i < size ? 0 : bytes[to - size];
      const above = to < width ? 0 : bytes[to - width];
      const corner = i < size || to < width ? 0 : bytes[to - width - size];
      bytes[to] = rows[(from += 1)] + predict(left, above, corner);
    }
  }
  return bytes;
}

const PREDICT = [() => 0, (left) => left, (_, above) => above, (left, above) => (left + above) >> 1, nearest];

/** Of the three, the one that is nearest to left + above − corner. */
function nearest(left, above, corner) {
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

const joined = (bytes, size) =>
  size === 1
    ? bytes
    : Uint16Array.from({ length: bytes.length / 2 }, (_, i) => 256 * bytes[2 * i] + bytes[2 * i + 1]);
