import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { findProgram } from '../../processes/find-program.ts';
import { runProgram, type ProgramResult } from '../../processes/run-program.ts';
import { unusable } from './read-signers.ts';
import type { CheckContext, SignatureCheck, Signer } from './signature.ts';
import { invalid, unknownSigner } from './ssh-signature.ts';

const ALWAYS = ['--batch', '--no-tty', '--no-autostart', '--trust-model', 'always', '--status-fd', '1'];

/**
 * Checks signatures of OpenPGP with gpg, in a home folder of its own that holds the declared keys and nothing else, and
 * is thrown away. No agent is started, and no key is looked for anywhere.
 */
export async function openpgpChecks(context: CheckContext): Promise<Result<SignatureCheck, Failure>> {
  const program = findProgram('gpg', context.env['PATH']);
  if (program === null) {
    return err(
      unusable(
        'there is no gpg on PATH',
        'install GnuPG (gpg), then restart the daemon; or sign with ssh keys',
      ),
    );
  }
  const home = await mkdtemp(join(context.scratch, 'gpg-'));
  const close = (): Promise<void> => rm(home, { recursive: true, force: true });
  // An empty one: newer versions would otherwise write that keys are kept by a daemon.
  await writeFile(join(home, 'common.conf'), '');
  const run = (args: readonly string[], input: Buffer): Promise<ProgramResult> =>
    runProgram({
      ...{ file: program, input, cwd: home, totalMs: 30_000, maxOutput: 4 * 1024 * 1024 },
      args: ['--homedir', home, ...ALWAYS, ...args],
      env: { ...context.env, GNUPGHOME: home },
    });
  for (const key of context.signers.openpgp) {
    const imported = await run(['--import'], key);
    if (!statusOf(imported).some(({ name }) => name === 'IMPORT_OK')) {
      await close();
      return err(
        unusable(
          'gpg cannot read an OpenPGP key of verify.signers',
          'export it anew: gpg --armor --export KEY',
        ),
      );
    }
  }
  return ok({
    async check({ what, payload, signature }) {
      const file = join(home, `${randomUUID()}.sig`);
      await writeFile(file, signature);
      const result = await run(['--verify', file, '-'], payload);
      await rm(file, { force: true });
      return judge(what, statusOf(result));
    },
    close,
  });
}

interface Status {
  readonly name: string;
  readonly words: readonly string[];
}

/** Lines that gpg writes for programs. */
function statusOf({ stdout }: ProgramResult): readonly Status[] {
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [mark, name = '', ...words] = line.split(' ');
      return mark === '[GNUPG:]' ? [{ name, words }] : [];
    });
}

/** One signature, good, by one key whose time it is: everything else has its own words. */
export function judge(what: string, status: readonly Status[]): Result<Signer, Failure> {
  const all = (name: string): readonly Status[] => status.filter((one) => one.name === name);
  const [good] = all('GOODSIG');
  const [valid] = all('VALIDSIG');
  const [expired] = [...all('EXPKEYSIG'), ...all('EXPSIG')];
  const [revoked] = all('REVKEYSIG');
  const [unchecked] = all('ERRSIG');
  if (all('NEWSIG').length > 1) return err(invalid(what, 'it has more than one signature'));
  if (all('BADSIG').length > 0) return err(invalid(what, 'its signature does not fit its content'));
  if (revoked !== undefined) {
    return err({
      code: 'SIGNER_REVOKED',
      message: `${what} is not accepted: the key of ${userOf(revoked)} was revoked`,
      hint: 'have it signed anew with another key, after its author has confirmed it',
    });
  }
  if (expired !== undefined) {
    return err({
      code: 'SIGNER_EXPIRED',
      message: `${what} is not accepted: the time of the key of ${userOf(expired)}, or of its signature, is over`,
      hint: 'have it signed anew with a current key; where the key was prolonged, export it anew to verify.signers',
    });
  }
  if (unchecked !== undefined) {
    const isUnknown = all('NO_PUBKEY').length > 0 || unchecked.words[5] === '9';
    const key = unchecked.words.at(-1) ?? '';
    return err(
      isUnknown
        ? unknownSigner(what, /^[0-9A-F]{16,}$/.test(key) ? key : (unchecked.words[0] ?? ''))
        : invalid(what, 'gpg cannot check its signature (an unknown method?)'),
    );
  }
  if (good === undefined || valid === undefined)
    return err(invalid(what, 'gpg does not find a good signature'));
  return ok({ signer: userOf(good), key: valid.words.at(-1) ?? '' });
}

function userOf({ words }: Status): string {
  const user = words.slice(1).join(' ');
  return user.replaceAll(/\p{C}/gu, ' ').trim() || (words[0] ?? 'unknown');
}
