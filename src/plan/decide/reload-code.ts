import { WHOLE_SECRETS } from '../../spec/normalise/normalise-reload.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { CodeIdentity } from '../model/code.ts';
import { secretsToRead } from '../model/secrets.ts';
import type { ObservedInstance } from '../model/observed.ts';

type Spec = Pick<AppSpec, 'reload'>;

/** Whether a reload has the app run all of its newest code. */
export function reloadsCode({ reload }: Spec): boolean {
  return reload?.on_change.includes('code') === true;
}

/** Whether a reload has the app read its secrets again, so that one that is rotated needs no new process. */
export function reloadsSecrets({ reload }: Spec): boolean {
  return reload?.on_change.includes(WHOLE_SECRETS) === true;
}

/** The code of an app with the keyed hashes of its values from elsewhere, where they are compared as the app says. */
export function secretIdentity(
  code: CodeIdentity,
  hashes: Readonly<Record<string, string>>,
  spec: Spec,
): CodeIdentity {
  if (Object.keys(hashes).length === 0) return code;
  return reloadsSecrets(spec) ? { ...code, readSecrets: hashes } : { ...code, secrets: hashes };
}

/** The files that the app reads again on a reload, beside its code. */
export function filesRead({ reload }: Spec): readonly string[] {
  return (reload?.on_change ?? []).filter((entry) => entry !== 'code' && entry !== WHOLE_SECRETS);
}

/** What a process runs once it has been reloaded; undefined: as before, or not known. */
export function codeAfterReload(
  spec: Spec,
  before: CodeIdentity | undefined,
  onDisk: CodeIdentity | undefined,
): CodeIdentity | undefined {
  if (onDisk === undefined) return undefined;
  if (before === undefined) return reloadsCode(spec) ? onDisk : undefined;
  const { secrets: _, ...rest } = onDisk;
  // What is in its environment stays there.
  const kept = before.secrets === undefined ? {} : { secrets: before.secrets };
  if (reloadsCode(spec)) return { ...rest, ...(rest.readSecrets === undefined && kept) };
  const { read, readSecrets } = onDisk;
  if (read === undefined && readSecrets === undefined) return undefined;
  const { secrets, ...own } = before;
  return {
    ...own,
    ...(read !== undefined && { read }),
    ...(readSecrets === undefined ? secrets !== undefined && { secrets } : { readSecrets }),
  };
}

/** Whether files that a process reads again on a reload are known to have changed since it did. */
export function hasReadOthers({ code }: Pick<ObservedInstance, 'code'>, onDisk: CodeIdentity): boolean {
  if (code === undefined) return false;
  const isRead = code.read !== undefined && onDisk.read !== undefined && code.read !== onDisk.read;
  return isRead || secretsToRead(code, onDisk).length > 0;
}
