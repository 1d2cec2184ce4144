import fc from 'fast-check';
import { expect, it } from 'vitest';
import { completeRecord, sparseRecord } from '../../../src/state/disk/stored-specs.ts';
import type { ProjectRecord } from '../../../src/state/model/types.ts';
import { anySpec } from '../../spec/support/any-spec.ts';
import { appSpec } from '../specs.ts';

function recordOf(spec: ReturnType<typeof appSpec>, previous = spec): ProjectRecord {
  const app = { spec, rollout: { previous: { spec: previous } } };
  return { project: 'shop', apps: { api: app } } as unknown as ProjectRecord;
}

it('what is stored is read as it was, with every field', () => {
  fc.assert(
    fc.property(anySpec, anySpec, (spec, previous) => {
      const record = recordOf(spec, previous);
      expect(completeRecord(JSON.parse(JSON.stringify(sparseRecord(record))) as ProjectRecord)).toEqual(
        record,
      );
    }),
    { numRuns: 50 },
  );
});

it('what nobody has declared is not stored: an older daemon may not know the field', () => {
  const stored = sparseRecord(recordOf(appSpec({ name: 'api' })));
  const told = Object.keys(stored.apps['api']?.spec ?? {});
  expect(told).toEqual(expect.arrayContaining(['name', 'script']));
  for (const field of ['ports', 'sockets', 'hooks', 'stop_signal', 'liveness'])
    expect(told).not.toContain(field);
  expect(Object.keys(stored.apps['api']?.rollout?.previous?.spec ?? {})).toEqual(told);
});
