import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { readSnapshot } from '../../../src/controller/snapshots/read-snapshot.ts';

it.each([
  ['', 'it is not JSON'],
  ['{"kind":"HostSnapshot","formatVersion":1', 'it is not JSON'],
  ['{"kind":"Plan"}', 'it is no snapshot of a host'],
  ['[]', 'it is no snapshot of a host'],
  ['{"kind":"HostSnapshot","formatVersion":2}', 'a newer version of stateward'],
])('a file with %j is refused with the way out', (text, words) => {
  const file = join(mkdtempSync(join(tmpdir(), 'stw-')), 'snapshot.json');
  writeFileSync(file, text);
  const read = readSnapshot({ file, verifyKey: null });
  expect(read).toMatchObject({ ok: false, error: { code: 'SNAPSHOT_UNREADABLE' } });
  expect(read.ok ? '' : read.error.message).toContain(words);
  expect(read.ok ? '' : read.error.hint).not.toBe('');
});
