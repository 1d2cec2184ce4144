import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ApiCalls } from '../../api/contract/endpoints/backend.ts';
import { isObject } from '../../lib/checks.ts';
import type { AgainstFlags } from '../commands/base/against-flags.ts';
import type { ReadingOptions } from '../declare/project-files.ts';
import type { CliContext } from '../session/context.ts';

/** A host of which there is a snapshot here. */
export interface HostElsewhere {
  readonly api: Pick<ApiCalls, 'plan'>;
  /** How a file is read that is for that host. */
  readonly reading: Pick<ReadingOptions, 'hostChecks' | 'cpus'>;
}

/** Commits are checked out to compare them. */
const ANSWER_MS = 5 * 60_000;

/** The host of `--against`; null: the plan is about this one. */
export async function hostElsewhere(flags: AgainstFlags, context: CliContext): Promise<HostElsewhere | null> {
  const { against, 'verify-key': key } = flags;
  if (against === undefined) return null;
  const { connectProcess } = await import('../../api/client/process-transport.ts');
  const file = resolve(context.cwd, against);
  const cpus = cpusIn(file);
  return {
    api: connectProcess({
      program: context.files.daemon,
      home: '/',
      against: { file, verifyKey: key === undefined ? null : resolve(context.cwd, key) },
      answerMs: ANSWER_MS,
    }),
    reading: { hostChecks: 'skip', ...(cpus !== null && { cpus }) },
  };
}

/** Of a file that cannot be read, whoever answers says why. */
function cpusIn(file: string): number | null {
  try {
    const snapshot: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const host = isObject(snapshot) && isObject(snapshot['host']) ? snapshot['host'] : {};
    const cpus = host['cpus'];
    return typeof cpus === 'number' && Number.isInteger(cpus) && cpus >= 1 ? cpus : null;
  } catch {
    return null;
  }
}
