import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** Common name of the subject. */
  readonly name: string;
  /** Names that it is for; an IPv4 address as `127.0.0.1`. */
  readonly names?: readonly string[];
  /** Who signs it; absent: it signs itself. */
  readonly by?: Certified;
  readonly isAuthority?: boolean;
  readonly from?: Date;
  readonly to?: Date;
}

const DAY_MS = 86_400_000;

/** A certificate as X.509 has it (ECDSA on P-256), made without any other program. */
export function certificate({
  name,
  names = [],
  by,
  isAuthority = false,
  from,
  to,
}: CertificateOptions): Certified {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notBefore = from ?? new Date(Date.now() - DAY_MS);
  const notAfter = to ?? new Date(Date.now() + 30 * DAY_MS);
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    commonName(by?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(names, isAuthority))),
  );
  const signature = sign('sha256', body, by?.privateKey ?? privateKey);
  const whole = sequence(body, ECDSA_SHA256, bitString(signature));
  return {
    cert: pem('CERTIFICATE', whole),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  };
}

function extensions(names: readonly string[], isAuthority: boolean): readonly Buffer[] {
  const basic = sequence(oid('551d13'), TRUE, octets(sequence(...(isAuthority ? [TRUE] : []))));
  if (names.length === 0) return [basic];
  const general = names.map((name) =>
    /^[\d.]+$/.test(name)
      ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
      : tagged(0x82, Buffer.from(name, 'latin1')),
  );
  return [basic, sequence(oid('551d11'), octets(sequence(...general)))];
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(name, 'utf8')))));
}

/** GeneralizedTime: OpenSSL reads it for every year. */
function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(text, 'latin1'));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const TRUE = tagged(0x01, Buffer.from([0xff]));
/** ecdsa-with-SHA256. */
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
