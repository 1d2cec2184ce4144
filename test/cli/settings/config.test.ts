import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const file = (host: Host): string => join(host.home, 'config.yaml');
const said = (host: Host): string => readFileSync(file(host), 'utf8');

/** A home with this file. */
function homeWith(text: string): Host {
  const host = new Host();
  mkdirSync(host.home, { mode: 0o700 });
  writeFileSync(file(host), text);
  return host;
}

describe('config', () => {
  test('sets, shows and takes out without a daemon, in a home that is not there yet', async () => {
    await using host = new Host();
    const set = await host.ok('config', 'set', 'limits.builds', '2');
    expect(set.stdout).toBe(
      'limits.builds: 4 → 2\nno daemon runs: it holds from the next start; start it with: stateward daemon start\n',
    );
    expect(said(host)).toBe('limits:\n  builds: 2\n');
    expect([statSync(file(host)).mode & 0o777, statSync(host.home).mode & 0o777]).toEqual([0o600, 0o700]);
    const show = await host.ok('config', 'show', 'limits');
    expect(show.stdout.split('\n')[2]).toMatch(/^limits\.builds +2 +\/.*config\.yaml:2$/);
    expect(show.stdout.split('\n')[1]).toMatch(/^limits\.starts +8 for each processor +default$/);
    const json = JSON.parse(
      (await host.ok('config', 'show', 'limits.builds', '-o', 'json')).stdout,
    ) as object;
    expect(json).toMatchObject({
      items: [{ key: 'limits.builds', value: 2, from: 'file', line: 2, column: 11 }],
    });
    expect((await host.ok('config', 'unset', 'limits')).stdout).toContain('limits.builds: 2 → 4\n');
    expect(said(host)).toBe('');
    expect((await host.ok('config', 'unset', 'limits')).stdout).toContain('says so already');
  }, 60_000);

  test('sets what a running daemon takes over before the command ends', async () => {
    await using host = new Host();
    await host.ok('daemon', 'start');
    const set = await host.ok('config', 'set', 'intervals.resync=5s');
    expect(set.stdout).toBe('intervals.resync: 30s → 5s\nthe daemon has taken it over\n');
    const events = (await host.ok('events')).stdout;
    expect(events).toContain('intervals.resync: 30s → 5s');
    expect((await host.ok('config', 'explain', 'intervals.resync')).stdout).toBe(
      [
        'intervals.resync (duration, 1s to 1h)',
        '  Every app is compared with what runs, whatever was missed. While nothing changes, up to four times as rarely.',
        '  default:    30s',
        '  taken over: live, within a second or two; no app is touched',
        '  now:        5s',
        '  example:    stateward config set intervals.resync 1m\n',
      ].join('\n'),
    );
    // What an editor breaks keeps what holds, which is shown with what is wrong.
    writeFileSync(file(host), 'intervals: { resync: 5 }\n');
    const broken = await host.run(['config', 'set', 'limits.builds', '1']);
    expect([broken.code, broken.stderr]).toEqual([
      65,
      expect.stringContaining('intervals.resync: 5 is less than 1s'),
    ]);
    expect(said(host)).toBe('intervals: { resync: 5 }\n');
    // The value that mends it is taken.
    expect((await host.ok('config', 'set', 'intervals.resync', '7s')).stdout).toContain('has taken it over');
    expect(said(host)).toBe('intervals: { resync: 7s }\n');
  }, 60_000);

  test('says what the daemon cannot follow, that the file keeps it, and how to take it back', async () => {
    await using host = new Host();
    await host.ok('daemon', 'start');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const first = await host.run(['config', 'set', 'http.listen', taken]);
    expect([first.code, first.stderr]).toEqual([
      1,
      expect.stringMatching(
        /error\[CONFLICT\]: http\.listen: cannot listen at \S+: the port is taken[^]*the file keeps it; to take it back: stateward config unset http\.listen\n/,
      ),
    ]);
    expect(said(host)).toContain(taken);
    const again = await host.run(['config', 'set', 'http.listen', taken]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`${file(host)} says so`)]);
    await host.ok('config', 'unset', 'http.listen');
    await host.ok('config', 'set', 'http.hosts', 'a.example.org,b.example.org');
    const free = `127.0.0.1:${await freePort()}`;
    await host.ok('config', 'set', 'http.listen', free);
    const both = await host.run(['config', 'set', 'http.listen', taken, 'http.hosts', 'c.example.org']);
    expect(both.stderr).toContain(
      `to take it back: stateward config set http.listen ${free} http.hosts a.example.org,b.example.org\n`,
    );
    other.close();
  }, 180_000);

  test('takes what belongs together in one command, and says what is missing', async () => {
    await using host = homeWith('# mine\n');
    const alone = await host.run(['config', 'set', 'http.tls.cert', './cert.pem']);
    expect([alone.code, alone.stderr]).toEqual([65, expect.stringContaining('http.tls.key is missing')]);
    await host.ok('config', 'set', 'http.tls.cert', './cert.pem', 'http.tls.key', './key.pem');
    expect(said(host)).toBe('# mine\n\nhttp:\n  tls:\n    cert: ./cert.pem\n    key: ./key.pem\n');
  }, 60_000);

  test('takes words in their order, also one that is there twice', async () => {
    await using host = homeWith('');
    await host.runHere(['config', 'set', 'limits.builds', '2', 'limits.starts', '2']);
    expect(said(host)).toBe('limits:\n  builds: 2\n  starts: 2\n');
  });

  test.each([
    [['set', 'limit.builds', '2'], 'did you mean limits.builds?'],
    [['set', 'builds', '2'], 'did you mean limits.builds?'],
    [['set', 'limits', '2'], 'name one of them: limits.starts, limits.builds'],
    [['set', 'limits.builds'], 'no value is given'],
    [['set', 'limits.builds', 'two'], '"two" is not an integer'],
    [['set', 'limits.builds', '-1'], '-1 is less than 1'],
    [['set', 'limits.builds', '1', 'limits.builds', '2'], 'is given twice'],
    [['set', 'http.behind_proxy', 'yes'], '"yes" is not a boolean'],
    [['set', 'http.listen', '9615'], '"9615" is no address with a port'],
    [['set', 'intervals.usage', '10ms'], '10ms is less than 500ms'],
    [['set', 'mcp.protect', 'a', 'mcp'], 'mcp holds several keys'],
    [['set'], 'which setting'],
    [['unset'], 'which setting'],
    [['unset', 'nothing'], 'there is no setting "nothing"'],
    [['show', 'htp'], 'did you mean'],
    [['explain', 'nothing.at.all'], 'stateward config show lists the keys'],
  ])('config %j changes nothing and says why', async (words, message) => {
    await using host = homeWith('limits: { builds: 3 } # mine\n');
    const ran = await host.runHere(['config', ...words]);
    expect([ran.code, ran.stderr]).toEqual([
      expect.toSatisfy((code) => code !== 0),
      expect.stringContaining(message),
    ]);
    expect(said(host)).toBe('limits: { builds: 3 } # mine\n');
  });

  test.each([
    'limits: [',
    'a: 1\na: 2\n',
    '\u0000',
    'limits: {builds: 1}\n---\nmcp: {}\n',
    '- x\n',
    'limits: 4\n',
  ])('nothing is lost of a file that cannot be read: %j', async (text) => {
    await using host = homeWith(text);
    const ran = await host.runHere(['config', 'set', 'limits.builds', '2']);
    expect([ran.code, said(host)]).toEqual([65, text]);
    expect(ran.stderr).toMatch(/help/);
  });

  test('a file that is kept elsewhere and linked stays a link', async () => {
    await using host = new Host();
    mkdirSync(host.home, { mode: 0o700 });
    const kept = host.write('dotfiles/stateward.yaml', 'limits: { builds: 1 }\n');
    symlinkSync(kept, file(host));
    await host.runHere(['config', 'set', 'limits.builds', '2']);
    expect(readFileSync(kept, 'utf8')).toBe('limits: { builds: 2 }\n');
  });

  test('two that are set at the same time are both there', async () => {
    await using host = homeWith('');
    const ran = await Promise.all([
      host.run(['config', 'set', 'limits.builds', '2']),
      host.run(['config', 'set', 'limits.starts', '3']),
      host.run(['config', 'set', 'mcp.max_processes', '4']),
    ]);
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(said(host).match(/builds: 2|starts: 3|max_processes: 4/g)).toHaveLength(3);
  }, 60_000);
});
