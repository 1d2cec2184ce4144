import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completeRecord, printRecord } from '../../../src/state/disk/stored-specs.ts';
import type { ProjectRecord } from '../../../src/state/model/types.ts';
import { anySpec } from '../../spec/support/any-spec.ts';
import { appSpec } from '../specs.ts';

function recordOf(spec: ReturnType<typeof appSpec>, previous = spec): ProjectRecord {
  const app = { spec, rollout: { previous: { spec: previous } } };
  return { project: 'shop', apps: { api: app } } as unknown as ProjectRecord;
}

function read(text: string): ProjectRecord {
  return JSON.parse(text) as ProjectRecord;
}

it('what is stored is read as it was, with every field', () => {
  fc.assert(
    fc.property(anySpec, anySpec, (spec, previous) => {
      const record = recordOf(spec, previous);
      expect(completeRecord(read(printRecord(record)))).toEqual(record);
    }),
    { numRuns: 50 },
  );
});

it('what nobody has declared is not stored: an older daemon may not know the field', () => {
  const stored = read(printRecord(recordOf(appSpec({ name: 'api' }))));
  const told = Object.keys(stored.apps['api']?.spec ?? {});
  expect(told).toEqual(expect.arrayContaining(['name', 'script']));
  for (const field of ['ports', 'sockets', 'hooks', 'stop_signal', 'liveness'])
    expect(told).not.toContain(field);
  expect(Object.keys(stored.apps['api']?.rollout?.previous?.spec ?? {})).toEqual(told);
});

it('of a thousand apps, the one that has changed is printed again', () => {
  let printed = 0;
  const counted = (name: string): object => ({
    get spec() {
      printed += 1;
      return appSpec({ name });
    },
  });
  const names = Array.from({ length: 1_000 }, (_, i) => `app-${i}`);
  const apps = Object.fromEntries(names.map((name) => [name, counted(name)]));
  const record = { project: 'shop', revision: 1, apps } as unknown as ProjectRecord;
  expect(Object.keys(read(printRecord(record)).apps)).toEqual(names);
  printed = 0;
  const changed = {
    ...record,
    apps: { ...record.apps, 'app-7': counted('app-7') },
  } as unknown as ProjectRecord;
  expect(Object.keys(read(printRecord(changed)).apps)).toEqual(names);
  expect(printed).toBeLessThan(5);
});
