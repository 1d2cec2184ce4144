import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReceivers } from '../../../src/config/notify/read-notify.ts';
import type { ReceiverSpec } from '../../../src/notify/model/receiver.ts';
import { isReceiverSpec } from '../../../src/notify/model/receiver.ts';
import { shownSpec, targetText } from '../../../src/notify/model/shown.ts';
import type { Failure } from '../../../src/lib/failure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sw-notify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string): Promise<{ specs: readonly ReceiverSpec[]; failures: readonly Failure[] }> {
  await writeFile(join(folder, 'notify.yaml'), text);
  const result = await readReceivers(['notify.yaml'], {
    cwd: folder,
    environment: {},
    home: '/home/max',
    readStdin: () => Promise.resolve(''),
  });
  return result.ok ? { specs: result.value, failures: [] } : { specs: [], failures: result.error };
}

/** `line:column message`. */
async function told(text: string): Promise<readonly string[]> {
  const { failures } = await read(text);
  return failures.map(({ position, message, hint }) => {
    const at = `${position?.line ?? 0}:${position?.column ?? 0}`;
    return `${at} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

describe('a file of receivers', () => {
  it('gives each kind with its defaults, and paths from its own folder', async () => {
    const { specs, failures } = await read(`
receivers:
  - { name: a, webhook: { url_file: ./a.url, secret_file: ~/secret } }
  - { name: b, slack: { url: "https://chat.example.org/hooks/abc" }, repeat: false, limit: 5, group: 1m }
  - { name: c, email: { host: localhost, from: a@b.org, to: [c@d.org], security: tls } }
  - { name: d, exec: { command: [./page.sh, x], timeout: 1m } }
  - { name: e, exec: { command: [mail] }, rules: [{ reasons: [Rollout*], labels: { team: pay } }] }
  - { name: f, commit_status: { provider: gitea, token_file: t, url: "https://git.example.org/api/v1/" } }
`);
    expect(failures).toEqual([]);
    for (const spec of specs) expect(isReceiverSpec(spec, 'spec')).toBeNull();
    const [a, b, c, d, e, f] = specs;
    expect(a).toMatchObject({
      to: { address: { kind: 'file', file: join(folder, 'a.url') }, secretFile: '/home/max/secret' },
      rules: [{ reasons: null, severity: 'info' }],
      repeatMs: 4 * 3_600_000,
      settleMs: 30_000,
      groupMs: 5_000,
      limit: 30,
    });
    expect(b).toMatchObject({ repeatMs: null, limit: 5, groupMs: 60_000 });
    expect(c?.to).toMatchObject({ port: 465, recipients: ['c@d.org'] });
    expect(d?.to).toMatchObject({ command: [join(folder, 'page.sh'), 'x'], cwd: folder, timeoutMs: 60_000 });
    expect(e?.to).toMatchObject({ command: ['mail'] });
    expect(f).toMatchObject({ to: { url: 'https://git.example.org/api/v1' }, rules: [], limit: 600 });
  });

  it('is told everything that is wrong with it, each at its place', async () => {
    expect(
      await told(`receivers:
  - { name: a, webhok: { url: x } }
  - { name: b }
  - { name: c, slack: { url: "https://x.org/t" }, exec: { command: [x] } }
  - { name: d, webhook: {} }
  - { name: e, webhook: { url: "http://example.org/tok" } }
  - { name: f, slack: { url: "not an address" } }
  - { name: g, exec: { command: [x] }, rules: [{ reasons: [RolloutFaild, MessageReceived, "Zz*"] }] }
  - { name: h, exec: { command: [x], timeout: 1h }, group: 2h, repeat: 1s }
  - { name: i, email: { host: mail.org, from: nobody, to: [a@b.org], security: none, password_file: p, username: u } }
  - { name: j, email: { host: mail.org, from: a@b.org, to: [], username: u } }
  - { name: k, commit_status: { provider: github, token_file: t, repository: shop }, rules: [{ severity: error }] }
  - { name: k, exec: { command: [x] }, rules: [{}] }
`),
    ).toEqual([
      '2:16 receivers[0].webhok: unknown key (did you mean webhook?)',
      expect.stringMatching(
        /^3:5 receivers\[1\]: one of webhook, slack, email, exec, commit_status is missing/,
      ) as string,
      expect.stringMatching(/^4:51 receivers\[2\]\.exec: a receiver is reached in one way/) as string,
      expect.stringMatching(/^5:\d+ receivers\[3\]\.webhook: url_file or url is missing/) as string,
      expect.stringMatching(/^6:\d+ receivers\[4\]\.webhook\.url: plain http to example\.org/) as string,
      expect.stringMatching(/^7:\d+ receivers\[5\]\.slack\.url: this is not a URL/) as string,
      '8:60 receivers[6].rules[0].reasons[0]: there is no reason "RolloutFaild" (did you mean RolloutFailed?)',
      expect.stringContaining('MessageReceived is not kept') as string,
      expect.stringContaining('no reason fits "Zz*"') as string,
      expect.stringContaining('receivers[7].exec.timeout: "1h" is more than 5m') as string,
      expect.stringContaining('receivers[7].group: "2h" is more than 1h') as string,
      expect.stringContaining('receivers[7].repeat: "1s" is less than 1m') as string,
      expect.stringContaining('receivers[8].email.from: "nobody" is not an e-mail address') as string,
      expect.stringContaining('receivers[8].email.security: a password is not sent') as string,
      expect.stringContaining('receivers[9].email.to: the list is empty') as string,
      expect.stringContaining('receivers[10].commit_status.repository: "shop" is not a repository') as string,
      expect.stringContaining('receivers[10].rules: is of messages') as string,
      expect.stringContaining('receivers[11].rules[0]: needs at least one of reasons, severity') as string,
    ]);
  });

  it('names the place of the first of two with one name', async () => {
    expect(
      await told(
        'receivers:\n  - { name: a, exec: { command: [x] } }\n  - { name: a, exec: { command: [y] } }\n',
      ),
    ).toEqual(['3:13 receivers[1].name: there are two receivers named a']);
  });
});

describe('a receiver as it is shown', () => {
  it.each([
    [
      'webhook',
      'https://user:pw@hooks.example.org/T0/B0/tok3n?key=1',
      'https://hooks.example.org/<redacted>',
    ],
    ['slack', 'https://hooks.example.org/services/tok3n', 'https://hooks.example.org/<redacted>'],
  ])('of %s has of its address the host alone', async (kind, url, shown) => {
    const { specs } = await read(`receivers: [{ name: a, ${kind}: { url: "${url}" } }]`);
    const [spec] = specs;
    if (spec === undefined) throw new Error('a receiver');
    expect(targetText(spec.to)).toBe(shown);
    expect(JSON.stringify(shownSpec(spec))).not.toContain('tok3n');
  });
});
