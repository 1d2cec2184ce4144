import { describe, expect, it, test } from 'vitest';
import { SETTING_DEFAULTS, SETTING_FIELDS } from '../../../src/home/settings/generated/setting-fields.ts';
import { listenPlace } from '../../../src/home/settings/listen-place.ts';
import { SETTING_KEYS, settingChanges } from '../../../src/home/settings/setting-changes.ts';
import { settingProblems } from '../../../src/home/settings/setting-problems.ts';
import { settingsOf } from '../../../src/home/settings/settings.ts';

const HOME = '/srv/home';

describe('settings', () => {
  it('are defaults where nothing is set', () => {
    expect(settingsOf({}, HOME)).toEqual({
      http: {
        listen: null,
        tls: null,
        hosts: [],
        behindProxy: false,
        insecure: false,
        session: { idleMs: 12 * 3_600_000, maxMs: 7 * 24 * 3_600_000 },
      },
      intervals: { resyncMs: 30_000, usageMs: 2_000, codeMs: 30_000, driftMs: 60_000, pollMs: 60_000 },
      limits: { starts: null, builds: 4, revisions: 20, eventBytes: 8 * 1024 * 1024 },
      mcp: { protect: [], maxProcesses: 10 },
    });
    expect(settingProblems(SETTING_DEFAULTS, HOME)).toEqual([]);
  });

  it('have paths that begin in the home, and names of hosts as browsers send them', () => {
    const { http } = settingsOf(
      {
        ...{ 'http.listen': 'unix:./web.sock', 'http.hosts': ['Ops.Example.com'] },
        ...{ 'http.tls.cert': './tls/cert.pem', 'http.tls.key': '/etc/key.pem' },
      },
      HOME,
    );
    expect(http.listen).toEqual({ kind: 'unix', path: '/srv/home/web.sock' });
    expect(http.tls).toEqual({ cert: '/srv/home/tls/cert.pem', key: '/etc/key.pem' });
    expect(http.hosts).toEqual(['ops.example.com']);
  });

  it('say of each key what it is, and every example is one that is taken', () => {
    for (const key of SETTING_KEYS) {
      const field = SETTING_FIELDS[key];
      expect(field?.description, key).toMatch(/\.$/);
      expect(field?.examples.length, key).toBeGreaterThan(0);
      const example = { [key]: field?.examples[0] };
      const others = key.startsWith('http.tls.') ? { 'http.tls.cert': 'a', 'http.tls.key': 'b' } : {};
      expect(settingProblems({ ...others, ...example }, HOME), key).toEqual([]);
    }
  });
});

describe('what the schema cannot say', () => {
  test.each([
    [{ 'intervals.resync': '100ms' }, 'intervals.resync', '100ms is less than 1s'],
    [{ 'intervals.resync': 30 }, 'intervals.resync', '30 is less than 1s'],
    [{ 'intervals.usage': '2h' }, 'intervals.usage', '2h is more than 1m'],
    [{ 'http.listen': '9615' }, 'http.listen', '"9615" is no address with a port'],
    [
      { 'http.listen': 'ops.example.com:9615' },
      'http.listen',
      '"ops.example.com:9615" is no address with a port',
    ],
    [{ 'http.listen': '300.1.1.1:80' }, 'http.listen', '"300.1.1.1:80" is no address with a port'],
    [{ 'http.listen': '127.0.0.1:70000' }, 'http.listen', '"127.0.0.1:70000" is no address with a port'],
    [{ 'http.listen': '::1:80' }, 'http.listen', '"::1:80" is no address with a port'],
    [{ 'http.listen': `unix:/${'x'.repeat(120)}` }, 'http.listen', 'the path of the socket is longer'],
    [{ 'http.tls.cert': 'cert.pem' }, 'http.tls.cert', 'http.tls.key is missing'],
    [{ 'http.tls.key': 'key.pem' }, 'http.tls.key', 'http.tls.cert is missing'],
    [
      { 'http.hosts': ['https://ops.example.com'] },
      'http.hosts',
      '"https://ops.example.com" is no name of a host',
    ],
    [{ 'http.hosts': ['*.example.com'] }, 'http.hosts', '"*.example.com" is no name of a host'],
    [
      { 'http.session.idle': '8d' },
      'http.session.idle',
      'a session that ends after 7d cannot be unused for 8d',
    ],
    [
      { 'http.session.max': '1h' },
      'http.session.max',
      'a session that ends after 1h cannot be unused for 12h',
    ],
  ])('%j', (values, key, message) => {
    const problems = settingProblems(values, HOME);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ key, message: expect.stringContaining(message) as string });
    expect(problems[0]?.hint).toMatch(/./);
  });
});

test.each([
  ['127.0.0.1:9615', { kind: 'tcp', host: '127.0.0.1', port: 9615 }],
  ['0.0.0.0:80', { kind: 'tcp', host: '0.0.0.0', port: 80 }],
  ['localhost:9615', { kind: 'tcp', host: 'localhost', port: 9615 }],
  ['[::1]:9615', { kind: 'tcp', host: '::1', port: 9615 }],
  ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
  ['unix:', null],
  ['[127.0.0.1]:80', null],
  ['127.0.0.1', null],
  [':9615', null],
])('a place to listen: %s', (text, place) => {
  expect(listenPlace(text, HOME)).toEqual(place);
});

test('what has changed is said by key, from what to what, defaults too', () => {
  const changes = settingChanges(
    { 'limits.builds': 2, 'http.hosts': ['a'] },
    { 'http.listen': '127.0.0.1:1', 'http.hosts': ['a'], 'mcp.protect': ['x', 'y'], 'intervals.code': '30s' },
  );
  expect(changes).toEqual([
    'http.listen: nothing listens → 127.0.0.1:1',
    'limits.builds: 2 → 4',
    'mcp.protect: none → x, y',
  ]);
});
