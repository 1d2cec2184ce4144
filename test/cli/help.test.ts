import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { commandHelp } from '../../src/cli/help/command-help.ts';
import { rootHelp } from '../../src/cli/help/root-help.ts';
import { allPages } from '../../src/cli/pages/command-page.ts';
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

const SOURCES = await filesBelow(join(import.meta.dirname, '../../src/cli/commands'));

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** The file that holds the help of a command, laid out as the commands are. */
function heldIn(words: readonly string[]): string {
  const [first = 'stateward', second] = words;
  const folders = new Set(Object.keys(COMMANDS).flatMap((id) => (id.includes(':') ? id.split(':', 1) : [])));
  if (second !== undefined) return `${first}/${second}.txt`;
  const isGroup = folders.has(first) && !Object.hasOwn(COMMANDS, first);
  if (words.length === 0 || isGroup) return `${first}.txt`;
  const source = SOURCES.find((path) => basename(path) === `${first}.ts` && !folders.has(dirname(path)));
  return source?.replace(/ts$/, 'txt') ?? `${first}.txt`;
}

/** The commands and their flags are a contract: a change of these snapshots is a change of the contract. */
describe('help', () => {
  const ids = Object.keys(COMMANDS);
  const topics = new Set(ids.flatMap((id) => (id.includes(':') ? id.split(':', 1) : [])));
  for (const id of ids) topics.delete(id);
  const subjects = [[], ...[...topics].map((topic) => [topic]), ...ids.map((id) => id.split(':'))];

  it.each(subjects.map((words) => [words.join(' '), words] as const))('of "%s"', async (_name, words) => {
    await using room = await createRoom(cli);
    const ran = await room.run([...words, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    // Which pages the documentation has is no contract.
    const text = ran.stdout.replace(/\nTopics\n[^]*?\n\n/, '\n');
    // A file each: two commands that come at the same time touch none in common.
    await expect(text).toMatchFileSnapshot(`__snapshots__/help/${heldIn(words)}`);
  });

  it('is held of nothing that is not there', async () => {
    const held = await filesBelow(join(import.meta.dirname, '__snapshots__/help'));
    expect(held).toEqual(subjects.map(heldIn).sort());
  });

  it('names every command that is not hidden once, and examples first', async () => {
    await using room = await createRoom(cli);
    const { stdout } = await room.run([]);
    expect(stdout.split('\n').indexOf('Examples')).toBe(2);
    const pages = await allPages(COMMANDS);
    for (const { name, isHidden } of pages) {
      const rows = stdout.split('\n').filter((line) => line.startsWith(`  ${name.split(' ', 1)[0] ?? ''}  `));
      expect([name, rows.length]).toEqual([name, isHidden ? 0 : 1]);
    }
  });

  it.each([60, 80, 120, 200])('fits into %d columns, whatever it is about', async (width) => {
    const pages = await allPages(COMMANDS);
    const texts = [rootHelp(pages, ['exit-codes'], width), ...pages.map((page) => commandHelp(page, width))];
    // What is to be typed is not wrapped.
    const typed = new Set(
      pages.flatMap(({ examples, usage }) => [...examples, ...usage.map((one) => `stateward ${one}`)]),
    );
    const long = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.length > width && !typed.has(line.trim()));
    expect(long).toEqual([]);
  });

  it('of a topic is a page of the documentation, or a section of one', async () => {
    await using room = await createRoom(cli);
    expect((await room.run(['help', 'exit-codes'])).stdout).toMatch(/^## Exit codes\n[^]*130[^]*interrupted/);
    expect((await room.run(['help', 'from-pm2'])).stdout).toMatch(/^# From PM2\n/);
    expect((await room.run(['help', 'ecosystem-file'])).stdout).toContain('max_memory_restart');
    expect(await room.run(['help', 'nothing-like-it'])).toMatchObject({ code: 64, stdout: '' });
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
