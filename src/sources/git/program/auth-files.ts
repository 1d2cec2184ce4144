import { access, constants, stat } from 'node:fs/promises';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import type { FetchFailure, GitAuth } from '../model.ts';
import type { Remote } from '../remote.ts';
import { failed } from './fetch-failures.ts';

const MAX_SECRET_BYTES = 64 * 1024;
const READ_BY_ALL = 0o004;

/** What is wrong with the files that show the remote who we are, or null. Nothing of them is in the message. */
export async function authProblem(remote: Remote, auth: GitAuth): Promise<FetchFailure | null> {
  if (auth.kind === 'none') return null;
  if (auth.kind === 'secret') {
    if (remote.protocol !== 'https' && remote.protocol !== 'http') {
      return wrong(
        remote,
        `a token is for https, and this is ${remote.protocol}`,
        'name a key in auth.ssh_key_file, or nothing',
      );
    }
    return fileProblem(remote, auth.secretFile, {
      isSecret: true,
      what: 'the file of the token or password',
    });
  }
  if (remote.protocol !== 'ssh') {
    return wrong(
      remote,
      `a key is for ssh, and this is ${remote.protocol}`,
      'name a token in auth.token_file, or nothing',
    );
  }
  const { keyFile, knownHostsFile } = auth;
  const ofKey =
    keyFile === undefined
      ? null
      : await fileProblem(remote, keyFile, { isSecret: true, what: 'the key file' });
  if (ofKey !== null || knownHostsFile === undefined) return ofKey;
  return fileProblem(remote, knownHostsFile, { isSecret: false, what: 'known_hosts_file' });
}

async function fileProblem(
  remote: Remote,
  file: string,
  { isSecret, what }: { readonly isSecret: boolean; readonly what: string },
): Promise<FetchFailure | null> {
  try {
    await access(file, constants.R_OK);
    const stats = await stat(file);
    if (!stats.isFile()) return wrong(remote, `${what} ${file} is not a file`, 'name a file');
    if (isSecret && (stats.mode & READ_BY_ALL) !== 0) {
      return wrong(remote, `${what} ${file} can be read by every user of this host`, `chmod 600 ${file}`);
    }
    if (isSecret && (stats.size === 0 || stats.size > MAX_SECRET_BYTES)) {
      return wrong(
        remote,
        `${what} ${file} is ${stats.size === 0 ? 'empty' : 'too large to be one'}`,
        'put the secret alone into it',
      );
    }
    return null;
  } catch (error) {
    const words = errorCode(error) === 'ENOENT' ? 'is not there' : `cannot be read: ${errorMessage(error)}`;
    return wrong(remote, `${what} ${file} ${words}`, 'correct its path in auth, or its permissions');
  }
}

function wrong(remote: Remote, words: string, hint: string): FetchFailure {
  return failed({ remote }, { why: 'auth', words, hint });
}
