import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { openedStore, temporaryFolder } from './folder.ts';

const ROUNDS = 12;

test('a writer that is killed at any moment leaves whole files with everything it had acknowledged', async () => {
  const program = join(temporaryFolder(), 'writer.cjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'fixtures', 'endless-writer.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  const dir = temporaryFolder();
  for (let round = 1; round <= ROUNDS; round++) {
    const { generation, seq } = await writeUntilKilled(program, dir, round * 3);
    const store = await openedStore(dir);
    expect(store.notices).toEqual([]);
    expect(store.desired()[0]?.generation).toBeGreaterThanOrEqual(generation);
    expect((await store.events({ limit: 1 }))[0]?.seq).toBeGreaterThanOrEqual(seq);
    const record = store.project('shop');
    expect((await store.revisions('shop'))[0]?.revision).toBe(record?.revision);
    await store.close();
    const left = readdirSync(dir, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.tmp') || name.includes('corrupt'))).toEqual([]);
  }
});

/** Runs the writer until it acknowledged `lines` commits, kills it, and gives the last thing it said. */
async function writeUntilKilled(
  program: string,
  dir: string,
  lines: number,
): Promise<{ readonly generation: number; readonly seq: number }> {
  const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const closed = once(child, 'close');
  let last = '';
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    count += 1;
    if (count === lines) child.kill('SIGKILL');
  }
  await closed;
  expect(errors.join('')).toBe('');
  expect(count).toBeGreaterThanOrEqual(lines);
  const [generation = NaN, seq = NaN] = last.split(' ').map(Number);
  return { generation, seq };
}
