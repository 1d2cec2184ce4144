import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import { lackOf } from '../../../src/runner/spawn/lack-of.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

test('what a start would fail for is known without it, in the words of its exit', async () => {
  const plain = join(rig.folder, 'plain');
  writeFileSync(plain, 'text', { mode: 0o644 });
  const lacks: readonly Partial<SpawnSpec>[] = [
    { cwd: join(rig.folder, 'none') },
    { cwd: plain },
    { script: join(rig.folder, 'none.js') },
    { file: 'no-such-program' },
    { file: join(rig.folder, 'none') },
    { file: plain },
    { uid: 'no-such-user' },
    { unresolved: 'TOKEN: there is no file token' },
  ];
  for (const lack of lacks) {
    const spec = rig.spec({ args: [], ...lack });
    const { exit } = await rig.client.spawn(spec);
    expect([lack, await lackOf(spec)]).toEqual([lack, exit?.error]);
    expect(exit?.error).toMatch(/\w/);
  }
});

test('nothing is known against a start that goes well, nor against one that lacks what it can do without', async () => {
  const lacks: readonly Partial<SpawnSpec>[] = [
    {},
    { notify: { watchdogMs: null } },
    { tuning: { cpus: '4000' } },
  ];
  for (const fields of lacks) expect([fields, await lackOf(rig.spec(fields))]).toEqual([fields, null]);
});
