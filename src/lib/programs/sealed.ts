const MAGIC = 0x53574332;
/** A multiple of what V8 wants its data to begin at; elsewhere it makes a copy. */
const HEADER_BYTES = 16;

/** What is to be kept, with what tells later whether it is as it was: its length, and a sum as Fletcher's. */
export function seal(data: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const [low, high] = sumOf(data);
  [MAGIC, data.length, low, high].forEach((word, index) => header.writeUInt32LE(word, 4 * index));
  return Buffer.concat([header, data]);
}

/** What was sealed; undefined: it is not as it was. */
export function unseal(sealed: Buffer): Buffer | undefined {
  if (sealed.length < HEADER_BYTES || sealed.readUInt32LE(0) !== MAGIC) return undefined;
  const data = sealed.subarray(HEADER_BYTES);
  if (data.length !== sealed.readUInt32LE(4)) return undefined;
  const [low, high] = sumOf(data);
  return low === sealed.readUInt32LE(8) && high === sealed.readUInt32LE(12) ? data : undefined;
}

/** Of one word in so many, four in each sector: a disk loses sectors, not words, and every command waits for this sum. */
const WORDS_APART = 32;

/** In JavaScript, because what Node has for it takes longer to load than this to run. */
function sumOf(data: Buffer): readonly [number, number] {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2);
  let low = 0;
  let high = 0;
  // Every word of the end: a last sector may hold no more.
  for (let index = 0; index < words.length; index += words.length - index > WORDS_APART ? WORDS_APART : 1) {
    low = (low + (words[index] ?? 0)) | 0;
    high = (high + low) | 0;
  }
  return [low >>> 0, high >>> 0];
}
