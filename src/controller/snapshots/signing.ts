import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { lstatSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  HostSnapshotDocument,
  SignedSnapshot,
} from '../../api/contract/wire/snapshots/host-snapshot.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { canonicalJson } from '../../lib/values/canonical-json.ts';

/** Where the key of a home is. */
export function signingKeyFile(stateDir: string): string {
  return join(stateDir, 'keys', 'snapshot.pem');
}

/** The key that a home signs with, made when it is needed first. */
export function signingKey(stateDir: string): Result<KeyObject, Failure> {
  const path = signingKeyFile(stateDir);
  try {
    return ok(readKey(path) ?? makeKey(path));
  } catch (error) {
    return err({
      code: 'STATE_WRITE',
      message: `cannot use the key that snapshots are signed with: ${errorMessage(error)}`,
      hint: `${path} is to be a key of ed25519 with mode 0600; without the file, another key is made`,
    });
  }
}

function readKey(path: string): KeyObject | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isFile() || (stats.mode & 0o077) !== 0)
    throw new Error(`${path} is open to others, or is no file`);
  return createPrivateKey(readFileSync(path));
}

/** Whole or not at all, and of two that make one at once the first counts. */
function makeKey(path: string): KeyObject {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
  try {
    linkSync(temporary, path);
    return privateKey;
  } catch (error) {
    const other = errorCode(error) === 'EEXIST' ? readKey(path) : null;
    if (other === null) throw error;
    return other;
  } finally {
    unlinkSync(temporary);
  }
}

export function signSnapshot(document: HostSnapshotDocument, key: KeyObject): SignedSnapshot {
  // What is signed is what a reader gets: JSON has no undefined.
  const plain = JSON.parse(JSON.stringify(document)) as HostSnapshotDocument;
  return {
    ...plain,
    signature: {
      algorithm: 'ed25519',
      publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
      value: sign(null, signedBytes(plain), key).toString('base64'),
    },
  };
}

/**
 * Why a signature is not to be trusted; null: it is. Without a key of the reader's own it is only known that the file is as
 * whoever made it has left it.
 */
export function signatureProblem(signed: SignedSnapshot, ownKey: string | null): string | null {
  const { signature, ...document } = signed;
  try {
    const own = ownKey === null ? null : createPublicKey(ownKey);
    const named = createPublicKey(signature.publicKey);
    if (own !== null && !own.equals(named)) return 'it was signed with another key';
    if (named.asymmetricKeyType !== 'ed25519') return 'its key is not of ed25519';
    const isWhole = verify(null, signedBytes(document), named, Buffer.from(signature.value, 'base64'));
    return isWhole ? null : 'it has been changed since it was signed';
  } catch (error) {
    return `its key cannot be read: ${errorMessage(error)}`;
  }
}

function signedBytes(document: HostSnapshotDocument): Buffer {
  return Buffer.from(canonicalJson(document));
}
