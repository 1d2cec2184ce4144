import { readFileSync, statSync } from 'node:fs';
import { isSignedSnapshot, type SignedSnapshot } from '../../api/contract/wire/snapshots/host-snapshot.ts';
import { isObject } from '../../lib/checks.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { signatureProblem } from './signing.ts';

const MAX_BYTES = 64 * 1024 * 1024;

export interface SnapshotFiles {
  readonly file: string;
  /** File with the public key that it has to be signed with; null: any. */
  readonly verifyKey: string | null;
}

/** Reads a snapshot and checks its signature: one that is not whole is refused, whoever has signed it. */
export function readSnapshot({ file, verifyKey }: SnapshotFiles): Result<SignedSnapshot, Failure> {
  const parsed = parse(file);
  if (!parsed.ok) return parsed;
  const ownKey = verifyKey === null ? null : readText(verifyKey);
  if (ownKey?.ok === false) return ownKey;
  const problem = signatureProblem(parsed.value, ownKey?.value ?? null);
  if (problem === null) return parsed;
  return err({
    code: 'SNAPSHOT_SIGNATURE',
    message: `cannot trust ${file}: ${problem}`,
    hint: 'make a new one on the host (stateward snapshot -o FILE); stateward snapshot --public-key prints its key',
  });
}

function parse(file: string): Result<SignedSnapshot, Failure> {
  const text = readText(file);
  if (!text.ok) return text;
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch (error) {
    return err(unreadable(file, `it is not JSON: ${errorMessage(error)}`));
  }
  if (isObject(value) && value['kind'] === 'HostSnapshot' && value['formatVersion'] !== 1) {
    return err(
      unreadable(
        file,
        'it is of a newer version of stateward',
        'use the version of the host, or a newer one',
      ),
    );
  }
  const problem = isSignedSnapshot(value, 'it');
  if (problem !== null) return err(unreadable(file, `it is no snapshot of a host: ${problem}`));
  return ok(value as SignedSnapshot);
}

function readText(file: string): Result<string, Failure> {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) return err(unreadable(file, `it is larger than ${MAX_BYTES / 1024 / 1024} MB`));
    return ok(readFileSync(file, 'utf8'));
  } catch (error) {
    return err(unreadable(file, errorMessage(error)));
  }
}

function unreadable(
  file: string,
  why: string,
  hint = 'stateward snapshot -o FILE makes one on the host',
): Failure {
  return { code: 'SNAPSHOT_UNREADABLE', message: `cannot read ${file}: ${why}`, hint };
}
