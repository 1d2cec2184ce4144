import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import type { Certificate } from '../../web/model.ts';

/** A certificate that can be used. Times are epoch milliseconds. */
export interface UsableCertificate extends Certificate {
  readonly cert: string;
  readonly key: string;
  readonly from: number;
  readonly until: number;
}

const DAY = 86_400_000;
/** What renews certificates does so with a third of their time left; of long ones, these are the last two weeks. */
const SOON_MS = 14 * DAY;

/** Reads the two files. Fails with CONFIG_UNREADABLE or CONFIG_BAD_VALUE, naming the one that is wrong. */
export async function readCertificate(paths: {
  readonly cert: string;
  readonly key: string;
}): Promise<Result<UsableCertificate, Failure>> {
  const cert = await read('cert', paths.cert);
  if (!cert.ok) return cert;
  const key = await read('key', paths.key);
  if (!key.ok) return key;
  const wrong = (field: 'cert' | 'key', what: string, hint: string): Result<never, Failure> =>
    err({ code: 'CONFIG_BAD_VALUE', message: `http.tls.${field}: ${paths[field]} ${what}`, hint });
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert.value);
  } catch {
    return wrong('cert', 'holds no certificate', 'it is PEM: -----BEGIN CERTIFICATE-----');
  }
  try {
    const secret = createPrivateKey(key.value);
    if (!leaf.checkPrivateKey(secret)) {
      const hint = 'the certificate comes first in its file, before those that it is signed with';
      return wrong('key', `is not the key of the certificate in ${paths.cert}`, hint);
    }
  } catch (error) {
    // Nobody is there who could type its password.
    const hint = 'it is PEM without a password: -----BEGIN PRIVATE KEY-----';
    return wrong('key', `holds no key that can be used: ${errorMessage(error)}`, hint);
  }
  const usable = { cert: cert.value, key: key.value };
  try {
    createSecureContext(usable);
  } catch (error) {
    return wrong('cert', `cannot be used: ${errorMessage(error)}`, 'OpenSSL of Node refuses it');
  }
  return ok({ ...usable, from: Date.parse(leaf.validFrom), until: Date.parse(leaf.validTo) });
}

export function isSame(one: UsableCertificate, other: UsableCertificate | null): boolean {
  return other !== null && one.cert === other.cert && one.key === other.key;
}

async function read(field: 'cert' | 'key', path: string): Promise<Result<string, Failure>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : errorMessage(error);
    return err({
      code: 'CONFIG_UNREADABLE',
      message: `http.tls.${field}: ${path} cannot be read: ${why}`,
      hint: 'the user of the daemon must be able to read it; a key may be its group’s (0640)',
    });
  }
}

/** What is to be said of the time of a certificate; null: nothing. */
export function timeProblem(
  { from, until }: Pick<UsableCertificate, 'from' | 'until'>,
  path: string,
  now: number,
): { readonly message: string; readonly hint: string } | null {
  const hint = 'renew it: the new files are taken as soon as they are there, and nothing needs a restart';
  const end = new Date(until).toISOString();
  if (now >= until)
    return { message: `the certificate ${path} has ended at ${end}: clients refuse it`, hint };
  if (now < from) {
    const begin = new Date(from).toISOString();
    return {
      message: `the certificate ${path} holds from ${begin} on: clients refuse it`,
      hint: 'is the clock of this host right? (date)',
    };
  }
  const soon = Math.min(SOON_MS, (until - from) / 3);
  return until - now < soon ? { message: `the certificate ${path} ends at ${end}`, hint } : null;
}
