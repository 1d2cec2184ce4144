import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/generated/command-table.ts';
import { allPages } from '../../../src/cli/pages/command-page.ts';

const FILE = fileURLToPath(new URL('../../../dist/stateward.1', import.meta.url));

function isHere(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
}

describe('the manual', () => {
  const why = isHere('mandoc') ? '' : ' (skipped: there is no mandoc here)';
  it.skipIf(!isHere('mandoc'))(`has nothing that mandoc warns of${why}`, () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', FILE], { encoding: 'utf8' });
    // A build is the same whenever it is made, so it has no date.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
  });

  const whyMan = isHere('man') ? '' : ' (skipped: there is no man here)';
  it.skipIf(!isHere('man'))(`names every command that is not hidden, and no warning${whyMan}`, async () => {
    const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', FILE], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    for (const { name, isHidden } of await allPages(COMMANDS)) {
      expect([name, stdout.includes(`\n   ${name}\n`)]).toEqual([name, !isHidden]);
    }
  });
});
