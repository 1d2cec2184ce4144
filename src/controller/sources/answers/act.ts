import { shortCommit } from '../../../lib/commit-hash.ts';
import type { ActOnSourceRequest } from '../../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { quarantine, release, type SourceRecord } from '../../../sources/model/record.ts';
import { toldAgain } from '../../../sources/model/words.ts';
import { elsewhere } from '../work/surroundings.ts';
import { wantedVersion } from './wanted-version.ts';
import type { SourcesContext } from '../context.ts';
import { tell } from '../tell.ts';
import type { SourceWorker } from '../work/worker.ts';

type Act = ActOnSourceRequest & { readonly verb: 'sync' | 'suspend' | 'resume' };

/** Does to one source what a person wants. Durable when it resolves. */
export function actOn(
  worker: SourceWorker,
  request: Act,
  context: SourcesContext,
): Promise<Result<void, Failure>> {
  switch (request.verb) {
    case 'sync':
      return sync(worker, request, context);
    case 'suspend':
      return suspend(worker, request, context);
    case 'resume':
      return resume(worker, request, context);
  }
}

async function sync(
  worker: SourceWorker,
  request: Act,
  { clock, host }: SourcesContext,
): Promise<Result<void, Failure>> {
  const refusal = whyNoSync(worker.record, host);
  if (refusal !== null) return err(refusal);
  const version = wantedVersion(worker.record, request.version);
  if (!version.ok) return version;
  const { by, allowWipe, takeOver } = request;
  const asked = {
    by,
    at: clock.now(),
    version: version.value,
    ...(allowWipe === true && { allowWipe }),
    ...(takeOver === true && { takeOver }),
  };
  // An older version is one that is known: what is newer is looked for by itself.
  return worker.change(
    (record) => ({
      ...passOver(release(toldAgain(record), asked.version ?? record.head?.id ?? ''), asked),
      asked,
    }),
    { look: asked.version === null },
  );
}

/** Somebody wants another version than the newest: that one is not applied again by itself. */
function passOver(
  record: SourceRecord,
  { by, at, version }: NonNullable<SourceRecord['asked']>,
): SourceRecord {
  const { head } = record;
  if (version === null || head === null || head.id === version) return record;
  const message = `passed over by ${by}, who asked for ${shortCommit(version)}`;
  return quarantine(record, { id: head.id, stage: 'Synced', reason: 'PassedOver', message, at });
}

function whyNoSync({ spec, suspended }: SourceRecord, host: SourcesContext['host']): Failure | null {
  const { name } = spec;
  const other = elsewhere(spec, host).elsewhere;
  if (other !== undefined) {
    return {
      code: 'CONFLICT',
      message: `cannot sync: source ${name} is for ${other}, and this host is ${host.name}`,
      hint: 'STATEWARD_HOST and STATEWARD_HOST_LABELS of the daemon say what this host is called',
    };
  }
  if (suspended !== null) {
    return {
      code: 'CONFLICT',
      message: `cannot sync: source ${name} is suspended by ${suspended.by}`,
      hint: `stateward source resume ${name} ends that`,
    };
  }
  if (spec.sync === 'observe') {
    return {
      code: 'CONFLICT',
      message: `cannot sync: source ${name} is only observed (sync: observe)`,
      hint: `stateward source plan ${name} shows what it would do; declare it with sync: manual to apply it by hand`,
    };
  }
  return null;
}

async function suspend(
  worker: SourceWorker,
  { by, reason }: Act,
  context: SourcesContext,
): Promise<Result<void, Failure>> {
  if (worker.record.suspended !== null) return ok(undefined);
  const suspended = { by, at: context.clock.now(), reason };
  const changed = await worker.change((record) => ({ ...record, suspended, asked: null }));
  if (changed.ok)
    tell(
      context,
      worker.record,
      'SourceSuspended',
      `suspended by ${by}${reason === null ? '' : `: ${reason}`}`,
    );
  return changed;
}

async function resume(
  worker: SourceWorker,
  { by }: Act,
  context: SourcesContext,
): Promise<Result<void, Failure>> {
  if (worker.record.suspended === null) return ok(undefined);
  const changed = await worker.change((record) => ({ ...record, suspended: null }), { look: true });
  if (changed.ok) tell(context, worker.record, 'SourceResumed', `resumed by ${by}`);
  return changed;
}
