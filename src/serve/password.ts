import { createHash, timingSafeEqual } from 'node:crypto';

/** What a browser must send. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Whether the header `Authorization` carries them. How long that takes says nothing about how much of them is right. */
export function isAuthorised(header: string | undefined, { username, password }: Credentials): boolean {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/_=-]{1,8192}) *$/i.exec(header ?? '') ?? [];
  const given = Buffer.from(encoded, 'base64');
  return timingSafeEqual(digest(given), digest(Buffer.from(`${username}:${password}`)));
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
