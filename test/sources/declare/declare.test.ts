import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { declare } from '../../../src/sources/declare/declare.ts';

const folder = mkdtempSync(join(tmpdir(), 'stateward-declare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readBy(text: string | null, file = join(folder, 'ecosystem.yaml')) {
  const program = join(folder, 'reader.cjs');
  if (text === null) rmSync(program, { force: true });
  else writeFileSync(program, text);
  return declare(
    { file, env: null, shown: 'ecosystem.yaml' },
    { program, environment: process.env, clock: systemClock },
  );
}

describe('a file that is read in a process of its own', () => {
  it.each([
    ['that is not there, as while another version is installed', null],
    ['that is half written', 'const x = {'],
    ['that somebody ends', "process.kill(process.pid, 'SIGKILL')"],
    ['that has no folder to run in', 'process.exit(0)', join(folder, 'none/ecosystem.yaml')],
  ])('is not bad because of a reader %s', async (_, reader, file?: string) => {
    const answer = await readBy(reader, file);
    expect(answer).toMatchObject({ ok: false, passing: true, failures: [{ code: 'CONFIG_UNREADABLE' }] });
    expect(answer.ok ? '' : answer.failures[0]?.hint).toContain('tried again by itself');
  });

  it('is bad when it is too much for the reader, or that says so', async () => {
    expect(await readBy('process.abort()')).not.toHaveProperty('passing');
    const said = { ok: false, failures: [{ code: 'CONFIG_SYNTAX', message: 'x' }], read: [] };
    expect(await readBy(`process.stdout.write(${JSON.stringify(JSON.stringify(said))})`)).toEqual(said);
  });
});
