import { COMMANDS } from '../../src/cli/generated/command-table.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { createRoom } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

/** The commands and their flags are a contract: a change of this snapshot is a change of the contract. */
describe('help', () => {
  const ids = Object.keys(COMMANDS);
  const topics = new Set(ids.flatMap((id) => (id.includes(':') ? id.split(':', 1) : [])));
  const subjects = [[], ...[...topics].map((topic) => [topic]), ...ids.map((id) => id.split(':'))];

  it.each(subjects.map((words) => [words.join(' '), words] as const))('of "%s"', async (_name, words) => {
    await using room = await createRoom(cli);
    const ran = await room.run([...words, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const text = ran.stdout.replace(/stateward\/1\.2\.3 .*/, 'stateward/1.2.3 PLATFORM');
    expect(
      text
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n'),
    ).toMatchSnapshot();
  });

  it('is the same as -h and help, without colours', async () => {
    await using room = await createRoom(cli);
    const { stdout } = await room.run(['get', '--help'], { env: { FORCE_COLOR: '1' } });
    expect(stdout).not.toContain('\u001b');
    expect((await room.run(['get', '-h'])).stdout).toBe(stdout);
    expect((await room.run(['help', 'get'])).stdout).toBe(stdout);
    expect((await room.run(['help', 'ls'])).stdout).toBe(stdout);
  });
});
