import { availableParallelism, homedir, hostname } from 'node:os';
import type { SignedSnapshot } from '../../api/contract/wire/snapshots/host-snapshot.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import type { Freeze } from '../../state/freezes/freeze.ts';
import type { HostSnapshot } from '../apply/host-snapshot.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import { StateRedactor } from './redact-state.ts';
import { signingKey, signSnapshot } from './signing.ts';

export interface SnapshotParts {
  readonly host: Pick<HostSnapshot, 'records' | 'reachable' | 'instances' | 'histories' | 'now'>;
  readonly freezes: readonly Freeze[];
  readonly version: string;
  readonly stateDir: string;
}

/** GET /v1/snapshot: what a plan elsewhere needs to know of this host, signed with the key of the home. */
export function makeSnapshot({
  host,
  freezes,
  version,
  stateDir,
}: SnapshotParts): Result<SignedSnapshot, Failure> {
  const key = signingKey(stateDir);
  if (!key.ok) return key;
  const redactor = new StateRedactor();
  const projects = [...host.records.values()].map((record) => redactor.project(record));
  return ok(
    signSnapshot(
      {
        ...({ apiVersion: 'v1', kind: 'HostSnapshot', formatVersion: 1 } as const),
        madeAt: toRfc3339(host.now),
        version,
        host: { name: hostname(), cpus: availableParallelism(), homeFolder: homedir() },
        reachable: host.reachable,
        projects,
        histories: host.histories.map((history) => redactor.history(history)),
        instances: host.instances.map((instance) => redactor.instance(instance)),
        freezes: freezes.map((freeze) => ({ ...freeze, reason: redactText(freeze.reason) })),
      },
      key.value,
    ),
  );
}
