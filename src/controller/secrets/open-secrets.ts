import type { HomeLayout } from '../../home/layout.ts';
import { openMarkKey } from '../../runner/marks/mark-key.ts';
import { baseEnv } from '../base-env.ts';
import { GivenHashes } from './given-hashes.ts';
import { SecretBook } from './secret-book.ts';

/** The secrets that apps of a home are given. */
export function openSecrets(
  {
    environment,
    log,
  }: { readonly environment: Readonly<NodeJS.ProcessEnv>; readonly log: (line: string) => void },
  { secretKey, givenSecrets }: Pick<HomeLayout, 'secretKey' | 'givenSecrets'>,
): SecretBook {
  return new SecretBook({
    environment,
    baseEnv: baseEnv(environment),
    key: openMarkKey(secretKey, (message) => log(`secrets are not compared: ${message}`)),
    given: new GivenHashes(givenSecrets, log),
  });
}
