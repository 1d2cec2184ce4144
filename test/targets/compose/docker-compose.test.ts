import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
const version = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' });
/** The first generation knows the specification, but for the name of the project in the file. */
const isFirst = version.status === 0 && version.stdout.startsWith('1.');
if (version.status !== 0)
  console.log('skipped, what docker-compose says of exports: there is no docker-compose');

// Secrets have to be given to it: any will do.
const GIVEN = /\$\{([A-Za-z_][A-Za-z0-9_]*):\?/g;

it.skipIf(version.status !== 0)(
  'what can be exported of the examples is taken by docker-compose',
  // A program of Python, once for each example.
  { timeout: 180_000 },
  async () => {
    await using host = new Host();
    const names = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'ecosystem.yaml')));
    const refused: string[] = [];
    let taken = 0;
    for (const name of names) {
      const cwd = join(EXAMPLES, name);
      const exported = await host.runHere(['export', 'compose', '--image', 'registry.test/x:1'], { cwd });
      if (exported.code !== 0) continue;
      const file = host.write(
        `${name}/compose.yaml`,
        isFirst ? exported.stdout.replace(/^name:.*\n/m, '') : exported.stdout,
      );
      const given = [...exported.stdout.matchAll(GIVEN)].map(([, variable = '']) => [variable, 'given']);
      const { status, stderr } = spawnSync('docker-compose', ['-f', file, 'config', '-q'], {
        encoding: 'utf8',
        env: { ...process.env, ...(Object.fromEntries(given) as Record<string, string>) },
      });
      if (status === 0) taken += 1;
      else refused.push(`${name}: ${stderr}`);
    }
    expect(refused).toEqual([]);
    expect(taken).toBeGreaterThan(20);
  },
);
