import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import type { Signers } from '../model.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const ARMOR = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
/** First bytes of a binary OpenPGP public key. */
const BINARY_KEYS = [0x98, 0x99, 0x9a, 0xc6];
const KEY_TYPE =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;
const KEY_BLOB = /^[A-Za-z0-9+/]{20,}={0,2}$/;

/**
 * Reads who may sign: a file (as ssh's `allowed_signers`, or OpenPGP public keys), or a list of keys and of such files
 * (absolute paths). A bare ssh key (`ssh-ed25519 AAAA… name`) goes by the name behind it. SIGNERS_UNUSABLE.
 */
export async function readSigners(
  declared: string | readonly string[],
  revokedFile?: string,
): Promise<Result<Signers, Failure>> {
  const ssh: string[] = [];
  const openpgp: Buffer[] = [];
  for (const one of typeof declared === 'string' ? [declared] : declared) {
    const read = isAbsolute(one) ? await readKeys(one) : ok(Buffer.from(one));
    if (!read.ok) return read;
    const where = isAbsolute(one) ? one : 'verify.signers';
    const kind = kindOf(read.value);
    if (kind === 'secret') {
      return err(
        unusable(
          `${where} holds a private key`,
          'put the public key there, and the private one where it belongs',
        ),
      );
    }
    if (kind === 'openpgp') {
      openpgp.push(read.value);
      continue;
    }
    const lines = sshLines(read.value.toString('utf8'), where);
    if (!lines.ok) return lines;
    ssh.push(...lines.value);
  }
  if (ssh.length === 0 && openpgp.length === 0) {
    return err(unusable('verify.signers names no key', 'list the keys of those who may sign'));
  }
  if (revokedFile !== undefined) {
    const revoked = await readKeys(revokedFile);
    if (!revoked.ok) return revoked;
  }
  return ok({
    ssh: ssh.map((line) => `${line}\n`).join(''),
    openpgp,
    ...(revokedFile !== undefined && { revokedFile }),
  });
}

async function readKeys(file: string): Promise<Result<Buffer, Failure>> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return err(unusable(`${file} is not a file`, 'name a file with keys'));
    if (stats.size > MAX_BYTES)
      return err(unusable(`${file} is too large to be a list of keys`, 'check that it is the right file'));
    return ok(await readFile(file));
  } catch (error) {
    const words = errorCode(error) === 'ENOENT' ? 'is not there' : `cannot be read: ${errorMessage(error)}`;
    return err(
      unusable(
        `the file of keys ${file} ${words}`,
        'correct its path in verify, or the permissions of the file',
      ),
    );
  }
}

function kindOf(content: Buffer): 'ssh' | 'openpgp' | 'secret' {
  const text = content.toString('latin1');
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/.test(text)) return 'secret';
  return text.includes(ARMOR) || BINARY_KEYS.includes(content[0] ?? 0) ? 'openpgp' : 'ssh';
}

/** Lines of `allowed_signers`, each checked: ssh-keygen passes over what it does not understand. */
function sshLines(text: string, where: string): Result<readonly string[], Failure> {
  const lines: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const words = wordsOf(line);
    const at = words.findIndex((word) => KEY_TYPE.test(word));
    if (at === -1 || at > 2 || !KEY_BLOB.test(words[at + 1] ?? '')) {
      return err(
        unusable(
          `${where}:${index + 1} is not a key`,
          'a line is: NAME [options] ssh-ed25519 AAAA…; or an armored OpenPGP public key',
        ),
      );
    }
    // As in an id_ed25519.pub: the name stands behind the key.
    const name = at === 0 ? (words[2] ?? `key-${index + 1}`).replaceAll(/[,*?!"]/g, '_') : null;
    lines.push(name === null ? line : `${name} ${words[0]} ${words[1]}`);
  }
  return ok(lines);
}

/** Options may have spaces within quotes. */
function wordsOf(line: string): readonly string[] {
  return line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}

export function unusable(words: string, hint: string): Failure {
  return { code: 'SIGNERS_UNUSABLE', message: `cannot check signatures: ${words}`, hint };
}
