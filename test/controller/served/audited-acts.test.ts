import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { everyCall, everyStream, type CallName } from '../../../src/api/contract/endpoints/backend.ts';
import { withAudit } from '../../../src/controller/served/audited-acts.ts';
import type { Failure } from '../../../src/lib/failure.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { readAudit } from '../../../src/state/audit/read-audit.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';

/** Sends a request to a backend that answers all alike, and gives what the audit log holds afterwards. */
async function told(name: CallName, request: unknown, failure: Failure | null = null) {
  const folder = temporaryFolder();
  const store = await openedStore(folder);
  const backend = {
    ...everyCall(() => () => Promise.resolve(failure === null ? ok({} as never) : err(failure))),
    ...everyStream(() => () => Promise.resolve(ok((async function* () {})() as never))),
  };
  const call = withAudit(backend, store)[name] as (request: unknown) => Promise<unknown>;
  await call(request);
  return readAudit(join(folder, 'audit'), 10);
}

describe('what is done and changes nothing of what is desired', () => {
  test.each<[CallName, unknown, string, string]>([
    ['signal', { selectors: ['api', 'web:0'], signal: 'SIGHUP', by: 'ann' }, 'signal SIGHUP', 'api web:0'],
    ['message', { selectors: ['api'], message: 'secret', by: 'ann' }, 'send', 'api'],
    ['launch', { selectors: ['api'], command: ['psql', '-p', 'secret'], by: 'ann' }, 'exec psql', 'api'],
    ['reset', { selectors: ['all'], by: 'ann' }, 'reset', 'all'],
    ['flushLogs', { selectors: ['api'], by: 'ann' }, 'flush', 'api'],
    ['actOnSource', { verb: 'suspend', name: 'shop', by: 'ann' }, 'source suspend', 'shop'],
    ['stopDaemon', { all: true, by: 'ann' }, 'daemon stop --all', ''],
  ])('%s is on record, without what could be a secret', async (name, request, command, about) => {
    const entries = await told(name, request);
    expect(entries).toMatchObject([{ kind: 'act', by: 'ann', command, about }]);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });

  test('that was refused is told of as not done', async () => {
    const entries = await told(
      'signal',
      { selectors: ['nobody'], signal: 'SIGHUP', by: 'ann' },
      { code: 'SELECTOR_NOT_FOUND', message: 'there is no app nobody' },
    );
    expect(entries).toMatchObject([
      { kind: 'act', seq: 1 },
      { kind: 'undone', of: 1, why: 'there is no app nobody' },
    ]);
  });

  test.each<[CallName, unknown]>([
    ['apps', { selectors: [] }],
    ['reopenLogs', { by: 'logrotate' }],
  ])('%s is not', async (name, request) => {
    expect(await told(name, request)).toEqual([]);
  });
});
