import { describe, expect, it } from 'vitest';
import { Host } from '../support/host.ts';

/** Has nobody read what the command prints, and ends as the command does. */
const UNREAD = { within: ['bash', '-o', 'pipefail', '-c', '"$0" "$@" | true'] };

describe('a command whose output nobody reads', () => {
  it('tells of a failure all the same', async () => {
    await using host = new Host();
    host.declare({ name: 'job', script: 'exit 7', shell: true, autorestart: false });
    expect((await host.run(['apply'], UNREAD)).code).toBe(1);
    expect((await host.run(['apply', '-o', 'json'], UNREAD)).code).toBe(1);
    expect((await host.run(['health'], UNREAD)).code).toBe(1);
    expect((await host.run(['health', 'job'], UNREAD)).code).toBe(1);
  });

  it('does what it was asked for', async () => {
    await using host = new Host();
    host.declare({ name: 'web', script: 'exec sleep 1000', shell: true, min_uptime: 1 });
    expect((await host.run(['apply'], UNREAD)).code).toBe(0);
    expect((await host.run(['get', '-o', 'json'], UNREAD)).code).toBe(0);
    expect((await host.run(['daemon', 'stop', '--all'], UNREAD)).code).toBe(0);
    expect((await host.run(['get'])).code).toBe(69);
  });

  it('ends where it would print for ever', async () => {
    await using host = new Host();
    host.declare({
      name: 'web',
      script: 'while :; do echo tick; sleep 0.05; done',
      shell: true,
      min_uptime: 1,
    });
    await host.ok('apply');
    for (const args of [
      ['logs', '-f'],
      ['get', '-w', '-o', 'json'],
    ]) {
      expect((await host.run(args, { ...UNREAD, limitMs: 20_000 })).code, args.join(' ')).toBe(0);
    }
  });
});
