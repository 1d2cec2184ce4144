import { describe, expect, it } from 'vitest';
import type { CommitStatusTarget, Provider } from '../../../src/notify/model/receiver.ts';
import type { CommitState, StatusItem } from '../../../src/notify/model/record.ts';
import type { SendResult } from '../../../src/notify/send/jobs.ts';
import { remotePlace } from '../../../src/notify/send/commit-status.ts';
import { send } from '../../../src/notify/send/send.ts';
import { takeStatus } from '../../../src/notify/decide/take-status.ts';
import { nextStep } from '../../../src/notify/decide/next-step.ts';
import { event, facts, receiver } from '../support.ts';
import { Files, Web } from './support.ts';

const COMMIT = '68da218c1f0a5e1ac1a8b6b7fc2b9d55d9e8f2a1';
const TOKEN = 't0ken-of-the-forge';

function target(provider: Provider, port: number, tokenFile: string): CommitStatusTarget {
  return {
    kind: 'commit_status',
    provider,
    url: `http://127.0.0.1:${port}/api`,
    repository: null,
    tokenFile,
    sources: null,
    caFile: null,
    insecure: false,
  };
}

function status(state: CommitState, more: Partial<StatusItem> = {}): StatusItem {
  const remote = 'git@git.example.org:acme/shop.git';
  return {
    source: 'shop',
    commit: COMMIT,
    state,
    message: 'every app has proven itself',
    remote,
    at: 0,
    seq: 1,
    ...more,
  };
}

async function tell(to: CommitStatusTarget, item: StatusItem): Promise<SendResult> {
  return send({ target: to, message: { kind: 'status', id: 'id-1', host: 'web-1', status: item } });
}

describe('the status of a commit', () => {
  // Paths, fields and states as the documentation of each API has them.
  it.each<
    [Provider, string, Readonly<Record<string, string>>, Readonly<Record<CommitState, string>>, string]
  >([
    [
      'github',
      `/api/repos/acme/shop/statuses/${COMMIT}`,
      { authorization: `Bearer ${TOKEN}`, accept: 'application/vnd.github+json' },
      { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' },
      'context',
    ],
    [
      'gitlab',
      `/api/projects/acme%2Fshop/statuses/${COMMIT}`,
      { 'private-token': TOKEN },
      { pending: 'running', success: 'success', failure: 'failed', superseded: 'canceled' },
      'name',
    ],
    [
      'gitea',
      `/api/repos/acme/shop/statuses/${COMMIT}`,
      { authorization: `token ${TOKEN}` },
      { pending: 'pending', success: 'success', failure: 'failure', superseded: 'warning' },
      'context',
    ],
  ])('is told to %s as its API takes it', async (provider, path, headers, states, label) => {
    using files = new Files();
    await using forge = await new Web((request, response) => {
      const { state } = JSON.parse(forge.got.at(-1)?.body ?? '{}') as { state: string };
      response.writeHead(201).end(JSON.stringify({ id: 1, state, status: state }));
    }).open();
    const to = target(provider, forge.port, files.write('token', `${TOKEN}\n`));
    for (const [state, theirs] of Object.entries(states)) {
      expect(await tell(to, status(state as CommitState))).toMatchObject({ ok: true });
      const { request, body } = forge.got.at(-1) ?? {};
      expect([request?.method, request?.url]).toEqual(['POST', path]);
      expect(request?.headers).toMatchObject(headers);
      expect(JSON.parse(body ?? '')).toEqual({
        state: theirs,
        description: 'every app has proven itself',
        [label]: 'stateward/web-1/shop',
      });
    }
    const long = await tell(to, status('failure', { message: 'x'.repeat(500) }));
    expect(long.ok).toBe(true);
    const { description } = JSON.parse(forge.got.at(-1)?.body ?? '') as { description: string };
    expect(description).toHaveLength(provider === 'github' ? 140 : 255);
  });

  it.each<[string, number, string, boolean, RegExp]>([
    ['a login page', 200, '<html>', false, /not with a commit status/],
    [
      'a token that may not',
      403,
      '{"message":"Resource not accessible"}',
      false,
      /403 Forbidden.*not accessible/,
    ],
    ['a commit that is not there', 422, '{"message":"No commit found"}', false, /422/],
    ['the same again', 400, '{"message":"Cannot transition status via :run from :running"}', true, /already/],
  ])('is understood by %s', async (_, code, body, ok, text) => {
    using files = new Files();
    await using forge = await new Web((__, response) => response.writeHead(code).end(body)).open();
    const result = await tell(target('gitlab', forge.port, files.write('token', TOKEN)), status('pending'));
    expect(result.ok).toBe(ok);
    expect(result.message).toMatch(text);
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  it.each([
    ['https://github.com/acme/shop.git', 'github.com', 'acme/shop'],
    ['git@git.example.org:group/sub/shop.git', 'git.example.org', 'group/sub/shop'],
    ['ssh://git@git.example.org:2222/acme/shop', 'git.example.org', 'acme/shop'],
    ['/srv/git/shop.git', undefined, undefined],
  ])('is of the repository that is fetched: %s', (remote, host, repository) => {
    expect(remotePlace(remote)).toEqual(host === undefined ? null : { host, repository });
  });

  it('needs to be told where, of a folder', async () => {
    using files = new Files();
    const to = { ...target('gitea', 1, files.write('token', TOKEN)), url: null };
    const result = await tell(to, status('success', { remote: '/srv/git/shop.git' }));
    expect(result).toMatchObject({
      ok: false,
      message: expect.stringContaining('declare url and repository') as string,
    });
  });

  it('is pending from the time that it is applied; a newer one ends that, and only the newest of each is told', () => {
    const one = receiver({ to: target('github', 1, '/token'), limit: 600, rules: [] });
    const about = { key: null, source: 'repo', level: 'info' } as const;
    const told = [
      event(1, 'SourceApplied', { ...about, version: 'a1' }),
      event(2, 'SourceApplied', { ...about, version: 'b2' }),
      event(3, 'SourceHealthy', { ...about, version: 'b2' }),
      event(4, 'SourceQuarantined', { ...about, version: 'c3' }),
      event(5, 'SourceUnreachable', about),
    ].reduce((record, happened) => takeStatus(record, happened, facts()), one);
    expect(told.statuses.map(({ commit, state }) => `${commit} ${state}`)).toEqual([
      'a1 superseded',
      'b2 success',
      'c3 failure',
    ]);
    expect(nextStep(told, 10, () => 'id')).toMatchObject({
      kind: 'send',
      delivery: { payload: { kind: 'status', status: { commit: 'a1', state: 'superseded' } } },
    });
    const others = {
      ...one,
      spec: { ...one.spec, to: { ...target('github', 1, '/token'), sources: ['x*'] } },
    };
    expect(
      takeStatus(others, event(1, 'SourceApplied', { ...about, version: 'a1' }), facts()).statuses,
    ).toEqual([]);
  });
});
