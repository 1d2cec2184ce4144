import { describe, expect, it } from 'vitest';
import { meaninglessFields } from '../../src/spec/meaning.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { makeSpec } from '../plan/fixtures.ts';

function wrong(fields: Partial<AppSpec>): readonly string[] {
  return meaninglessFields({ ...makeSpec({ cwd: '/srv' }), ...fields }).map(({ path }) => path.join('.'));
}

describe('fields whose text means nothing', () => {
  it.each<[Partial<AppSpec>, readonly string[]]>([
    [{}, []],
    [{ out_file: '-', error_file: '-', log_file: null }, []],
    [{ out_file: '/dev/stdout' }, []],
    [{ cwd: 'srv' }, ['cwd']],
    // The daemon's own output is no folder.
    [{ cwd: '-' }, ['cwd']],
    [{ out_file: './out.log', error_file: '' }, ['out_file', 'error_file']],
    [{ cron_restart: 'at noon' }, ['cron_restart']],
    [{ umask: '9' }, ['umask']],
    [{ ionice: 'best-effort:7', cpu_affinity: '0-3,6', rlimits: { nofile: '5:unlimited', core: '0' } }, []],
    [{ ionice: 'idle:3' }, ['ionice']],
    [{ ionice: 'best-effort:8' }, ['ionice']],
    [{ ionice: 'fast' }, ['ionice']],
    [{ cpu_affinity: '3-1' }, ['cpu_affinity']],
    [{ cpu_affinity: '0;1' }, ['cpu_affinity']],
    [
      { rlimits: { nofile: '9:5', cpu: '1m', core: '10x', as: '1:2:3' } },
      ['nofile', 'cpu', 'core', 'as'].map((name) => `rlimits.${name}`),
    ],
  ])('of %j are %j', (fields, paths) => expect(wrong(fields)).toEqual(paths));

  it('are not those that an older command leaves out', () => {
    const { out_file: _, error_file: __, log_file: ___, ...older } = makeSpec({ cwd: '/srv' });
    expect(meaninglessFields(older as AppSpec)).toEqual([]);
  });
});
