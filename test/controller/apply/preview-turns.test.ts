import { describe, expect, it } from 'vitest';
import type { ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import type { HostSnapshot } from '../../../src/controller/apply/host-snapshot.ts';
import { preview } from '../../../src/controller/apply/preview.ts';
import { makeSpec } from '../../plan/fixtures.ts';

/** Turns of the event loop that others had while an apply of so many new apps was worked out. */
async function turnsDuring(count: number): Promise<number> {
  const apps = Array.from({ length: count }, (_, index) => makeSpec({ name: `app-${index}` }));
  const source = { files: ['/srv/ecosystem.yaml'], env: null };
  const request: ApplyRequest = {
    ...{ projects: [{ project: 'shop', source, apps }], prune: true, only: null, allowWipe: false },
    ...{ basis: null, by: 'ann', command: 'apply' },
  };
  const host: HostSnapshot = {
    ...{ records: new Map(), reachable: true, instances: [], histories: [], now: 0 },
    ...{ exists: () => true, isSource: () => false },
  };
  let turns = 0;
  let isDone = false;
  const countTurn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  const previewed = await preview(request, host);
  isDone = true;
  expect(previewed.ok && previewed.value.document.summary.create).toBe(count);
  return turns;
}

describe('a plan of many apps', () => {
  it('lets everything else have its turn, the more often the more apps there are', async () => {
    await turnsDuring(100);
    const [some, many] = [await turnsDuring(500), await turnsDuring(2_500)];
    expect(many).toBeGreaterThan(20);
    expect(many).toBeGreaterThan(2 * some);
  });
});
