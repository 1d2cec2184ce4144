import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSources } from '../../../src/config/sources/read-sources.ts';
import type { SourceSpec } from '../../../src/sources/model/source.ts';
import type { Failure } from '../../../src/lib/failure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sw-sources-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string): Promise<{ specs: readonly SourceSpec[]; failures: readonly Failure[] }> {
  await writeFile(join(folder, 'sources.yaml'), text);
  const result = await readSources(['sources.yaml'], {
    cwd: folder,
    environment: { PLACE: 'apps' },
    home: '/home/max',
    readStdin: () => Promise.resolve(''),
  });
  return result.ok ? { specs: result.value, failures: [] } : { specs: [], failures: result.error };
}

describe('a file of sources', () => {
  it('names paths from its own folder, from the folder of the user, and with variables', async () => {
    const { specs, failures } = await read(`
sources:
  - { name: a, follow: ./ecosystem.yaml }
  - { name: b, follow: ~/shop/ecosystem.yaml, environment: production, sync: manual, prune: false, poll: 5s }
  - { name: c, follow: "/srv/\${PLACE}/ecosystem.yaml" }
`);
    expect(failures).toEqual([]);
    expect(specs).toEqual([
      {
        name: 'a',
        from: { kind: 'follow', file: join(folder, 'ecosystem.yaml') },
        environment: null,
        pollMs: 1000,
        sync: 'auto',
        prune: true,
        onFailure: 'app',
        windows: [],
        hosts: null,
      },
      {
        name: 'b',
        from: { kind: 'follow', file: '/home/max/shop/ecosystem.yaml' },
        environment: 'production',
        pollMs: 5000,
        sync: 'manual',
        prune: false,
        onFailure: 'app',
        windows: [],
        hosts: null,
      },
      expect.objectContaining({ from: { kind: 'follow', file: '/srv/apps/ecosystem.yaml' } }),
    ]);
  });

  it('is told of every mistake at once, each at its place and with the way out', async () => {
    const { failures } = await read(`sources:
  - name: local
    folow: ./ecosystem.yaml
    sync: atuo
  - name: ../up
    follow: 3
    poll: 10x
  - follow: ""
`);
    const told = failures.map(({ code, position, hint }) => [code, position?.line, position?.column, hint]);
    expect(told).toEqual([
      ['CONFIG_UNKNOWN_KEY', 3, 5, 'did you mean follow?'],
      ['CONFIG_BAD_VALUE', 4, 11, 'did you mean auto?'],
      ['CONFIG_BAD_VALUE', 5, 11, 'for example "shop"'],
      ['CONFIG_WRONG_TYPE', 6, 13, 'for example "./ecosystem.yaml"'],
      ['CONFIG_BAD_VALUE', 7, 11, expect.stringContaining('write 90s')],
      ['CONFIG_MISSING_KEY', 8, 5, undefined],
      ['CONFIG_BAD_VALUE', 8, 13, undefined],
    ]);
    expect(failures[0]?.frame).toContain('folow: ./ecosystem.yaml');
  });

  it('says of a repository what the schema cannot say, and all of it', async () => {
    const { failures } = await read(`sources:
  - name: shop
    git: https://max:geheim@example.org/shop.git
    path: ../up
    poll: 5
    windows: [{ allow: "61 * * * *", duration: 1h, time_zone: Mars }, { duration: 1h }]
    webhook: { secret_file: a, listen: "9097" }
  - { name: over-ssh, git: "git@example.org:shop.git", auth: { token_file: ./token } }
  - { name: both, git: /srv/shop.git, follow: ./a.yaml }
  - { name: file, follow: ./a.yaml, keep: 3 }
  - { name: two, git: /srv/shop.git, ref: { branch: a, tag: b } }
  - { name: none }
`);
    expect(JSON.stringify(failures.map(({ frame: _, ...rest }) => rest))).not.toContain('geheim');
    const told = failures.map(({ position, message }) => `${position?.line}:${position?.column} ${message}`);
    expect(told).toEqual([
      expect.stringMatching(/^3:10 sources\[0\].git: the address has a name or a password/),
      expect.stringMatching(/^5:11 .*"?5"? is less than 1000ms/),
      expect.stringMatching(/^6:24 .*windows\[0\].allow: /),
      expect.stringMatching(/^6:63 .*no time zone "Mars"/),
      expect.stringMatching(/^6:71 .*exactly one of allow and deny/),
      expect.stringMatching(/^8:64 .*token_file: is for https/),
      expect.stringMatching(/^9:19 .*not both/),
      expect.stringMatching(/^10:37 .*keep: is of repositories/),
      expect.stringMatching(/^11:43 .*exactly one of branch, tag, semver, commit/),
      expect.stringMatching(/^12:5 .*follow or git is missing/),
    ]);
  });

  it('names the keys that may sign, and those that may not any more', async () => {
    const { specs, failures } = await read(`
sources:
  - name: shop
    git: /srv/shop.git
    verify: { signers: ["ssh-ed25519 AAAA max", ./allowed], revoked_file: ~/revoked, mode: all }
`);
    expect(failures).toEqual([]);
    expect(specs[0]?.from).toMatchObject({
      verify: {
        signers: ['ssh-ed25519 AAAA max', join(folder, 'allowed')],
        revokedFile: '/home/max/revoked',
        mode: 'all',
      },
    });
    const wrong = await read(`sources:
  - { name: a, git: /srv/shop.git, verify: { signers: ./allowed, mode: tag } }
  - { name: b, git: /srv/shop.git, ref: { branch: refs/heads/main } }
  - { name: c, git: /srv/shop.git, ref: { tag: -v1 } }
`);
    const told = wrong.failures.map(({ position, message }) => `${position?.line} ${message}`);
    expect(told).toEqual([
      expect.stringMatching(/^2 .*verify.mode: tag needs a source that follows tags/),
      expect.stringMatching(/^3 .*ref.branch: "refs\/heads\/main": write the short name/),
      expect.stringMatching(/^4 .*ref.tag: "-v1": a name does not begin with "-"/),
    ]);
  });

  it('names the host that goes first, and is told where that cannot be', async () => {
    const { specs } = await read(`sources:
  - { name: shop, git: /srv/shop.git, hosts: [web-1, web-2], wait_for: { host: web-1 }, self_heal: true }
`);
    expect(specs).toMatchObject([
      { selfHeal: true, from: { waitFor: { host: 'web-1', timeoutMs: 3_600_000 } } },
    ]);
    const { failures } = await read(`sources:
  - { name: a, git: /srv/shop.git, wait_for: { host: role=web } }
  - { name: b, git: /srv/shop.git, hosts: [web-2], wait_for: { host: web-1, timeout: 5m } }
  - { name: c, git: /srv/shop.git, poll: false, wait_for: { host: web-1 } }
  - { name: d, follow: ./a.yaml, wait_for: { host: web-1 } }
  - { name: e, git: /srv/shop.git, wait_for: { timeout: 5m } }
  - { name: f, follow: ./a.yaml, sync: observe, self_heal: true }
`);
    const told = failures.map(({ position, message }) => `${position?.line} ${message}`);
    expect(told).toEqual([
      expect.stringMatching(/^2 .*"role=web" is a label/),
      expect.stringMatching(/^3 .*"web-1" is none of the hosts/),
      expect.stringMatching(/^4 .*needs a source that is polled/),
      expect.stringMatching(/^5 .*is of repositories/),
      expect.stringMatching(/^6 .*host/),
      expect.stringMatching(/^7 .*self_heal: needs a source that applies/),
    ]);
  });

  it('may not have two sources of one name', async () => {
    const { failures } = await read(`sources:
  - { name: a, follow: ./one.yaml }
  - { name: a, follow: ./two.yaml }
`);
    expect(failures).toMatchObject([
      {
        code: 'CONFIG_BAD_VALUE',
        position: { line: 3, column: 13 },
        details: ['the other one is at sources.yaml:2:13'],
      },
    ]);
  });

  it.each(['', '[]', 'apps: []', 'sources: {}', 'sources: [1]', '- a'])('is not %j', async (text) => {
    const { failures } = await read(text);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every(({ code }) => code.startsWith('CONFIG_'))).toBe(true);
  });
});
