import { readFileSync } from 'node:fs';
import { formatBytes, formatDuration } from '../../../lib/units.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import { DEFAULT_USER } from './environment.ts';
import type { FetchFailure, FetchProblem, GitAuth, GitLimits } from '../model.ts';
import type { Remote } from '../remote.ts';

interface Said {
  readonly why: FetchProblem;
  readonly when: RegExp;
  readonly words: string;
  readonly hint: string;
}

/** What git says, by what it means; the first that fits counts. Git speaks English here: LC_ALL is ours. */
const TABLE: readonly Said[] = [
  {
    why: 'other',
    when: /expected commit type, but the object dereferences to/i,
    words: 'what is followed there is not a commit',
    hint: 'follow a branch, or a tag on a commit',
  },
  {
    why: 'disk',
    when: /No space left on device|Disk quota exceeded|Read-only file system|unable to write (?:sha1|loose|file)/i,
    words: 'the disk of the home does not take it',
    hint: 'free some space, or mend what the last lines say; it is tried again by itself',
  },
  {
    why: 'host-key',
    when: /Host key verification failed|HOST IDENTIFICATION HAS CHANGED|host key is known|key fingerprint .* not known/i,
    words: 'the host key of the server is not known, or has changed',
    hint: 'compare its fingerprint with one from a safe place, then add the key to known_hosts_file (ssh-keyscan HOST prints it)',
  },
  {
    why: 'auth',
    when: /UNPROTECTED PRIVATE KEY|Load key .*(?:bad permissions|invalid format|Permission denied|error in libcrypto)/i,
    words: 'ssh does not take the key file',
    hint: 'it must be a private key without a passphrase that only the user of the daemon can read: chmod 600 FILE',
  },
  {
    why: 'auth',
    when: /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|returned error: 40[13]|Permission denied \(|no askpass/i,
    words: 'the server wants a password or a key, or does not take this one',
    hint: 'name a token in auth.token_file, or a key in auth.ssh_key_file, that may read this repository',
  },
  {
    why: 'auth',
    when: /returned error: 404|repository '.*' not found|Repository not found|does not appear to be a git repository|does not exist/i,
    words: 'there is no such repository, or we may not see it',
    hint: 'check the address; hosts say this too where a token or key has no right to read the repository (auth)',
  },
  {
    why: 'auth',
    when: /dubious ownership|is owned by someone else/i,
    words: 'the repository belongs to another user, so git does not read it',
    hint: 'reach it by https or ssh, or give it to the user of the daemon',
  },
  {
    why: 'certificate',
    when: /SSL certificate|server certificate|certificate verif|unable to get local issuer|self.signed certificate/i,
    words: 'the certificate of the server cannot be trusted',
    hint: 'mend it there; for an authority of your own start the daemon with SSL_CERT_FILE',
  },
  {
    why: 'redirected',
    when: /returned error: 30\d|redirect/i,
    words: 'the server says that the repository is at another address',
    hint: 'write that address in git:, as a source follows no redirects; curl -sI ADDRESS shows it (often only .git is missing)',
  },
  {
    why: 'stalled',
    when: /Operation too slow/i,
    words: 'the remote did not go on',
    hint: 'it is tried again by itself',
  },
  {
    why: 'unreachable',
    when: /Could not resolve|Name or service not known|name resolution/i,
    words: 'there is no host of this name, or no network',
    hint: 'check the address (names of ~/.ssh/config do not count) and the name server of this host; it is tried again by itself',
  },
  {
    why: 'unreachable',
    when: /Connection refused|Failed to connect|Couldn't connect|timed out|unreachable|No route to host|Connection reset|Connection closed|Empty reply|returned error: 5\d\d|returned error: 429/i,
    words: 'the server cannot be reached, or does not answer as it should',
    hint: 'check address and network; it is tried again by itself',
  },
  {
    why: 'bad-objects',
    when: /^(?:remote: )?(?:error|fatal): object [0-9a-f]{40,64}: \w+: /m,
    words: 'it holds something that no repository may have',
    hint: 'nothing of it was taken; find out who put it there (git fsck --strict in a clone names it), and push it away',
  },
  {
    why: 'bad-objects',
    when: /fsck|index-pack|unpack-objects|bad object|missing (?:blob|tree|commit)|did not send all|inflate|pack has|protocol error|bad line length|unexpected|COLLISION|mismatch|invalid (?:index-pack|server response)|corrupt|bad pack|not valid: is this a git|expected/i,
    words: 'what the remote sent is broken, or nothing that a repository may have',
    hint: 'look with git fsck --strict in a clone; a remote that was cut off is tried again by itself',
  },
  {
    why: 'unreachable',
    when: /early EOF|RPC failed|hung up|disconnect/i,
    words: 'the remote broke off',
    hint: 'it is tried again by itself',
  },
];

/** What says that our own mirror is broken, rather than what comes. */
const BROKEN_MIRROR =
  /not a git repository|bad config|bad object refs|object file .* is empty|loose object .* corrupt|packfile .* (?:cannot be|is|does not|claims)|index file .* (?:is|corrupt)|unable to read (?:tree|sha1)|Could not read [0-9a-f]|invalid sha1 pointer|bad tree|bad signature|missing (?:blob|tree|commit) object|unable to parse|bad shallow|invalid shallow|bad object [0-9a-f]|reference broken|cannot lock ref|fatal: bad revision|did not send all|garbage at end of|wrong index|pack has bad|unresolved deltas|error processing shallow|unable to find all commit-graph|broken (?:ref|link)/i;

/** Whether a run failed in a way that a new mirror would mend. */
export function isMirrorBroken({ stderr, ended }: ProgramResult): boolean {
  return ended === null && BROKEN_MIRROR.test(stderr);
}

export interface FailureContext {
  readonly remote: Remote;
  readonly auth: GitAuth;
  readonly limits: GitLimits;
}

/** A run that failed, in words with the way out. */
export function fetchFailure(result: ProgramResult, context: FailureContext): FetchFailure {
  const { limits } = context;
  switch (result.ended) {
    case 'cancelled':
      return failed(context, { why: 'cancelled', words: 'it was cancelled', hint: 'nothing was changed' });
    case 'too-long':
      return failed(context, {
        why: 'too-long',
        words: `it did not end within ${formatDuration(limits.totalMs)}`,
        hint: 'it is tried again by itself; a large repository may need more time the first time',
      });
    case 'stalled':
      return failed(context, {
        why: 'stalled',
        words: `the remote said nothing for ${formatDuration(limits.stallMs)}`,
        hint: 'it is tried again by itself',
      });
    case 'too-big':
      return failed(context, {
        why: 'too-big',
        words: `the repository is larger than ${formatBytes(limits.maxBytes)}`,
        hint: 'keep builds and media out of it: what is too large cannot be a source',
      });
    case null:
      break;
  }
  const lines = shownLines(result.stderr, context.auth);
  if (result.code === null && /there is no git|ENOENT/.test(result.stderr)) {
    return failed(context, {
      why: 'no-git',
      words: 'there is no git on PATH',
      hint: 'install git, then restart the daemon',
    });
  }
  const said = TABLE.find(({ when }) => when.test(result.stderr));
  if (said !== undefined) return failed(context, said, lines);
  const code = result.code === null ? 'ended by a signal' : `ended with code ${result.code}`;
  return failed(context, { why: 'other', words: `git ${code}`, hint: 'see what git says below' }, lines);
}

export function failed(
  { remote }: Pick<FailureContext, 'remote'>,
  { why, words, hint }: Pick<Said, 'why' | 'words' | 'hint'>,
  details: readonly string[] = [],
): FetchFailure {
  return {
    code: 'FETCH_FAILED',
    why,
    message: `cannot fetch ${remote.shown}: ${words}`,
    hint,
    ...(details.length > 0 && { details }),
  };
}

/** Lines that say nothing, or what our own words say better. */
const NOISE =
  /^@+$|^(?:fatal: )?Could not read from remote repository|^Please make sure you have the correct access|^and the repository exists|^remote: (?:Enumerating|Counting|Compressing|Total)|^(?:fatal: )?(?:fsck error in packed object|fetch-pack: invalid index-pack output)/i;
const MAX_LINES = 8;
const MAX_LINE = 300;

/** The last lines of what git said, for people: no secret (a server may send it back), nothing that moves a cursor. */
export function shownLines(stderr: string, auth: GitAuth): readonly string[] {
  let text = stderr;
  for (const secret of secretsOf(auth)) text = text.replaceAll(secret, '***');
  return text
    .replaceAll(/\/\/[^/@\s]+@/g, '//***@')
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{C}/gu, ' ').trim().slice(0, MAX_LINE))
    .filter((line, index, lines) => line !== '' && !NOISE.test(line) && lines.indexOf(line) === index)
    .slice(-MAX_LINES);
}

const SHORTEST_SECRET = 4;

function secretsOf(auth: GitAuth): readonly string[] {
  if (auth.kind !== 'secret') return [];
  try {
    const [line = ''] = readFileSync(auth.secretFile, 'utf8').split('\n');
    const secret = line.trim();
    const sent = Buffer.from(`${auth.username ?? DEFAULT_USER}:${secret}`).toString('base64');
    return [secret, encodeURIComponent(secret), sent].filter((one) => one.length >= SHORTEST_SECRET);
  } catch {
    return [];
  }
}
