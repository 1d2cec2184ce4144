import { describe, expect, test } from 'vitest';
import {
  callNames,
  everyCall,
  everyStream,
  type CallName,
} from '../../../src/api/contract/endpoints/backend.ts';
import { whileFrozen } from '../../../src/controller/freezes/while-frozen.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { Freeze } from '../../../src/state/freezes/freeze.ts';
import { openFreezes, type FreezeBook } from '../../../src/state/freezes/freeze-book.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec, projectSpec } from '../../state/specs.ts';

const FREEZE: Freeze = { project: 'shop', by: 'ann', reason: '', at: 0, until: null, allow: [] };

/**
 * The backend of a home with the projects shop (frozen, `restart` allowed) and blog; what gets through is in `asked`.
 * `meanwhile`: what happens while a request waits for its turn.
 */
async function rig(meanwhile?: (freezes: FreezeBook) => Promise<unknown>) {
  const folder = temporaryFolder();
  const store = await openedStore(folder);
  await store.commit(accepted('shop', [appSpec({ name: 'api' })]));
  await store.commit(accepted('blog', [appSpec({ name: 'web' })]));
  const { freezes } = await openFreezes({
    ...{ path: `${folder}/freezes.json`, clock: new FakeClock(0), readOnly: false },
    onError: () => undefined,
  });
  await freezes.add([{ ...FREEZE, allow: ['restart'] }]);
  const asked: CallName[] = [];
  const all = {
    ...everyCall((name) => async (_, wanted) => {
      await meanwhile?.(freezes);
      const givenUp = (await wanted?.()) ?? null;
      if (givenUp !== null) return err(givenUp);
      asked.push(name);
      return ok({ guard: null } as never);
    }),
    ...everyStream(() => () => Promise.resolve(ok((async function* () {})() as never))),
  };
  return { asked, backend: whileFrozen(all, { freezes, store }) };
}

const by = 'bob';
const verb = (name: string, selectors: readonly string[]) => ({ verb: name, selectors, by, command: name });
const declaration = (project: string, command: string) => ({
  ...{ projects: [projectSpec(project, [])], prune: true, only: null, allowWipe: false },
  ...{ basis: null, by, command },
});

type Row = readonly [name: CallName, request: unknown, refused: boolean];

describe('while shop is frozen', () => {
  test.each<Row>([
    ['apply', declaration('shop', 'apply -f ecosystem.yaml'), true],
    ['apply', declaration('blog', 'apply -f ecosystem.yaml'), false],
    ['apply', declaration('shop', 'restart ecosystem.yaml'), false],
    ['apply', declaration('shop', 'start app.js'), true],
    ['apply', declaration('shop', 'run'), true],
    ['applyDeclared', { project: 'shop', basis: null, by }, true],
    ['applyDeclared', { project: 'blog', basis: null, by }, false],
    ['rollBack', { project: 'shop', revision: 1, app: null, basis: null, by }, true],
    ['verb', verb('stop', ['api']), true],
    ['verb', verb('stop', ['web']), false],
    ['verb', verb('stop', ['web', 'api:0']), true],
    ['verb', verb('stop', ['all']), true],
    ['verb', verb('restart', ['api']), false],
    ['verb', verb('rollout-pause', ['api']), true],
    ['verb', verb('scale', ['0']), true],
    // It is the backend that says what is wrong with it.
    ['verb', verb('stop', ['nobody']), false],
    ['signal', { selectors: ['api'], signal: 'SIGHUP', by }, true],
    ['signal', { selectors: ['web'], signal: 'SIGHUP', by }, false],
    ['message', { selectors: ['api'], message: 1, by }, true],
    ['launch', { selectors: ['api'], command: ['ls'], by }, true],
    ['reset', { selectors: ['api'], by }, true],
    ['flushLogs', { selectors: ['api'], by }, true],
    // Log rotation of the host is no change of the project.
    ['reopenLogs', { by }, false],
    ['stopDaemon', { all: false, by }, false],
    ['stopDaemon', { all: true, by }, true],
    // A container that is told to end.
    ['stopDaemon', { all: true }, false],
    ['confirm', { projects: null, by }, false],
    ['thaw', { projects: null, by }, false],
  ])('%s %j is refused: %s', async (name, request, refused) => {
    const { asked, backend } = await rig();
    const call = backend[name] as (request: unknown) => Promise<{ ok: boolean; error?: { code: string } }>;
    const answer = await call(request);
    expect(answer.error?.code).toBe(refused ? 'FROZEN' : undefined);
    expect(asked).toEqual(refused ? [] : [name]);
  });

  test('what waited in the queue while somebody froze the project is refused when its turn comes', async () => {
    const { asked, backend } = await rig((freezes) => freezes.add([{ ...FREEZE, project: 'blog' }]));
    const answer = await backend.apply(declaration('blog', 'apply -f ecosystem.yaml'));
    expect(answer).toMatchObject({ ok: false, error: { code: 'FROZEN' } });
    expect(asked).toEqual([]);
  });

  test('a plan of it has the guard that its apply would meet', async () => {
    const { backend } = await rig();
    const guardOf = async (command: string) => {
      const planned = await backend.plan(declaration('shop', command));
      return planned.ok ? planned.value.guard?.code : 'failed';
    };
    expect(await guardOf('plan -f ecosystem.yaml')).toBe('FROZEN');
    expect(await guardOf('restart ecosystem.yaml')).toBeUndefined();
  });

  test('reads are answered', async () => {
    const { asked, backend } = await rig();
    const reads = callNames.filter((name) =>
      ['ping', 'status', 'apps', 'events', 'revisions', 'freezes'].includes(name),
    );
    for (const name of reads) await (backend[name] as (request: unknown) => Promise<unknown>)({});
    expect(asked).toEqual(reads);
  });
});

test('every endpoint that acts is either refused while frozen, or known not to change anything of a project', async () => {
  const { CALLS } = await import('../../../src/api/contract/endpoints/table.ts');
  const acts = callNames.filter((name) => (CALLS[name] as { acts?: true }).acts === true);
  // What a source brings in is refused when it is applied.
  const free = [
    ...['confirm', 'freeze', 'thaw', 'reopenLogs', 'declareSources', 'actOnSource'],
    ...['declareReceivers', 'removeReceiver', 'testReceiver', 'createToken', 'deleteToken', 'logIn'],
    ...['takeSettings', 'deleteSession'],
  ];
  const { backend } = await rig();
  const selectors = ['api'];
  for (const name of acts.filter((one) => !free.includes(one))) {
    const request = {
      ...declaration('shop', 'apply'),
      ...verb('stop', selectors),
      project: 'shop',
      all: true,
      signal: 'SIGHUP',
      by,
    };
    const call = backend[name] as (request: unknown) => Promise<{ error?: { code: string } }>;
    expect([name, (await call(request)).error?.code]).toEqual([name, 'FROZEN']);
  }
});
