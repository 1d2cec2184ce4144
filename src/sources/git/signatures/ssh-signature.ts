import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { findProgram } from '../../processes/find-program.ts';
import { runProgram, type ProgramResult } from '../../processes/run-program.ts';
import { unusable } from './read-signers.ts';
import type { CheckContext, SignatureCheck } from './signature.ts';

/** What git signs commits and tags as. */
const NAMESPACE = 'git';

/** What stands in a signature of ssh before anything is checked. */
interface SshSignature {
  readonly namespace: string;
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  readonly fingerprint: string;
}

/** The binary form: `SSHSIG`, version, key, namespace, then the rest. null: it is not one. */
export function readSshSignature(armored: Buffer): SshSignature | null {
  const text = armored.toString('latin1');
  const [, body = ''] =
    /-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----/.exec(text) ?? [];
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length < 14 || bytes.toString('latin1', 0, 6) !== 'SSHSIG' || bytes.readUInt32BE(6) !== 1)
    return null;
  const key = field(bytes, 10);
  const namespace = key === null ? null : field(bytes, 14 + key.length);
  if (key === null || namespace === null) return null;
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return { namespace: namespace.toString('latin1'), fingerprint: `SHA256:${digest}` };
}

function field(bytes: Buffer, at: number): Buffer | null {
  if (at + 4 > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  return at + 4 + length > bytes.length ? null : bytes.subarray(at + 4, at + 4 + length);
}

/** Checks signatures of ssh with ssh-keygen, against the declared keys alone. */
export async function sshChecks(context: CheckContext): Promise<Result<SignatureCheck, Failure>> {
  const program = findProgram('ssh-keygen', context.env['PATH']);
  if (program === null) {
    return err(
      unusable('there is no ssh-keygen on PATH', 'install OpenSSH (openssh-client), then restart the daemon'),
    );
  }
  const folder = await mkdtemp(join(context.scratch, 'ssh-'));
  const allowed = join(folder, 'allowed_signers');
  await writeFile(allowed, context.signers.ssh, { mode: 0o600 });
  const run = (args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<ProgramResult> =>
    runProgram({
      file: program,
      args,
      input,
      cwd: folder,
      env: context.env,
      totalMs: 30_000,
      maxOutput: 1024 * 1024,
    });
  const { revokedFile } = context.signers;
  const principals = new Map<string, Promise<ProgramResult>>();
  return ok({
    async check({ what, payload, signature }) {
      const read = readSshSignature(signature);
      if (read === null) return err(invalid(what, 'its signature cannot be read'));
      const { namespace, fingerprint } = read;
      if (namespace !== NAMESPACE) {
        return err({
          code: 'SIGNATURE_OTHER_USE',
          message: `${what} is not accepted: its signature was made for ${JSON.stringify(namespace)}, and not for git`,
          hint: 'sign it with git itself: git commit -S, or git tag -s',
        });
      }
      const file = join(folder, randomUUID());
      await writeFile(file, signature);
      try {
        let known = principals.get(fingerprint);
        if (known === undefined) {
          known = run(['-Y', 'find-principals', '-s', file, '-f', allowed]);
          principals.set(fingerprint, known);
        }
        const found = await known;
        const principal = found.stdout.toString('utf8').split('\n')[0]?.trim() ?? '';
        if (found.code !== 0 || principal === '') return err(notAllowed(what, fingerprint, found.stderr));
        const verify = (revoked: readonly string[]): Promise<ProgramResult> =>
          run(
            ['-Y', 'verify', '-n', NAMESPACE, '-f', allowed, '-I', principal, ...revoked, '-s', file],
            payload,
          );
        const checked = await verify(revokedFile === undefined ? [] : ['-r', revokedFile]);
        if (checked.code === 0) return ok({ signer: principal, key: fingerprint });
        if (revokedFile !== undefined && (await verify([])).code === 0) {
          return err({
            code: 'SIGNER_REVOKED',
            message: `${what} is not accepted: the key of ${principal} (${fingerprint}) was revoked, or ${revokedFile} cannot be read`,
            hint: 'have it signed anew with another key, after its author has confirmed it',
          });
        }
        if (/incorrect signature|Signature verification failed/i.test(checked.stderr)) {
          return err(
            invalid(what, `its signature by ${principal} (${fingerprint}) does not fit its content`),
          );
        }
        return err(notAllowed(what, fingerprint, checked.stderr));
      } finally {
        await rm(file, { force: true });
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  });
}

function notAllowed(what: string, fingerprint: string, said: string): Failure {
  if (/expired|not yet valid/i.test(said)) {
    const when = /expired/i.test(said) ? 'is over' : 'has not begun';
    return {
      code: 'SIGNER_EXPIRED',
      message: `${what} is not accepted: the time of the key ${fingerprint} ${when} (valid-before, valid-after)`,
      hint: 'have it signed anew with a current key, or give the key a longer time in verify.signers',
    };
  }
  if (/not permitted for use in signature namespace/i.test(said)) {
    return {
      code: 'SIGNATURE_OTHER_USE',
      message: `${what} is not accepted: verify.signers does not allow the key ${fingerprint} to be used for git (namespaces)`,
      hint: 'add git to the namespaces of the key in verify.signers',
    };
  }
  return unknownSigner(what, fingerprint);
}

export function unknownSigner(what: string, key: string): Failure {
  return {
    code: 'SIGNER_UNKNOWN',
    message: `${what} is not accepted: it is signed by the key ${key}, which verify.signers does not list`,
    hint: 'add the key to verify.signers if its owner may sign',
  };
}

export function invalid(what: string, words: string): Failure {
  return {
    code: 'SIGNATURE_INVALID',
    message: `${what} is not accepted: ${words}`,
    hint: 'find out where it comes from, and have its author make it anew',
  };
}
