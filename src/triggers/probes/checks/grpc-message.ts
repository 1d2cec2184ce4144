/** The messages of grpc.health.v1, as Protocol Buffers have them, each in the frame of a gRPC message. */

/** Longest answer that is read: it holds one number. */
export const MAX_ANSWER = 4_096;
const PREFIX = 5;
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** `HealthCheckRequest { string service = 1; }`. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** `HealthCheckResponse { ServingStatus status = 1; }`: the name of the status; null: the bytes are something else. */
export function healthStatus(frame: Buffer): string | null {
  // The first byte says that the message is compressed, which nobody has asked for.
  if (frame.length < PREFIX || frame[0] !== 0) return null;
  const message = frame.subarray(PREFIX);
  if (message.length !== frame.readUInt32BE(1)) return null;
  let status = 0;
  const reader = { bytes: message, at: 0 };
  while (reader.at < message.length) {
    const tag = readVarint(reader);
    if (tag === null || tag >> 3 === 0) return null;
    const value = readField(reader, tag & 7);
    if (value === null) return null;
    if (tag === 8) status = value;
  }
  return STATUSES[status] ?? `status ${status}`;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

/** Its number, or 0 for a field that holds none; null: it is cut off, or of a kind that is not known. */
function readField(reader: Reader, kind: number): number | null {
  if (kind === VARINT) return readVarint(reader);
  const length = kind === BYTES ? readVarint(reader) : kind === FIXED_64 ? 8 : kind === FIXED_32 ? 4 : null;
  if (length === null || reader.at + length > reader.bytes.length) return null;
  reader.at += length;
  return 0;
}

function readVarint(reader: Reader): number | null {
  let value = 0;
  for (let place = 0; place < 5; place += 1) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) return null;
    reader.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value;
  }
  return null;
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
