import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errorMessage } from '../../lib/system-error.ts';

const MAX_BYTES = 64 * 1024;
/** Shorter parts of an address are words. */
const LEAST_SECRET = 8;

/** Why something cannot be sent, for people: its message is shown. */
export class SendProblem extends Error {}

/** The text of a file. Throws SendProblem. A pipe or a device would be waited for, so only a file is read. */
export async function readBounded(file: string, what: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw new Error('it is not a file');
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new SendProblem(`cannot read ${what} from ${file}: ${errorMessage(error)}`);
  }
}

/** The first line of a file. Throws SendProblem, also for one that is empty or cannot be in a header. */
export async function readSecret(file: string, what: string): Promise<string> {
  const [line = ''] = (await readBounded(file, what)).split('\n');
  const secret = line.replace(/\r$/, '');
  if (secret === '') throw new SendProblem(`cannot read ${what}: the first line of ${file} is empty`);
  if (/\p{Cc}/u.test(secret))
    throw new SendProblem(`the first line of ${file} has a control character in it`);
  return secret;
}

/** The text without these secrets, in whatever form a receiver may quote them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);
  return [...new Set(forms)]
    .filter((form) => form.length > 0)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, form) => shown.replaceAll(form, '<redacted>'), text);
}

/** What of an address may be a token: its path, the long parts of it, its query, its user. */
export function secretsOf({ pathname, search, searchParams, username, password }: URL): readonly string[] {
  const parts = [...pathname.split('/'), ...searchParams.values(), username, password];
  return [
    ...(pathname.length >= LEAST_SECRET ? [pathname] : []),
    ...(search === '' ? [] : [search]),
    ...parts.filter((part) => part.length >= LEAST_SECRET),
    ...(password === '' ? [] : [password]),
  ];
}
