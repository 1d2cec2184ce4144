// `env explain`: where each variable comes from, what it overrides, and what the processes have.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainedEnvironment, ExplainedVariable } from '../../../src/cli/environment/explained.ts';
import { Host } from '../../support/host.ts';

const FILE = `project: shop
env: { REGION: eu, LEVEL: root }
defaults: { env: { A: { from_env: X }, LEVEL: warn } }
templates: { t: { env: { A: one, LEVEL: tpl } } }
apps:
  - name: api
    extends: t
    script: ./a.js
    port: 0
    env_file: ./.env
    inherit_env: [FROM_SHELL]
    env: { A: { from_file: ./secret }, LEVEL: debug, DB_PASSWORD: hunter22, X: { from_exec: [sh, -c, 'test ! -e stop && echo hi'] }, GONE: null, OLD: 1 }
    env_production: { LEVEL: info }
    rollout: { on_failure: pause }
`;

let host: Host;
const own = (file: string): string => file.replace(`${host.folder}/`, '');

async function explain(...args: readonly string[]): Promise<ExplainedEnvironment> {
  const { stdout } = await host.ok('env', 'explain', 'api', ...args, '-o', 'json');
  return JSON.parse(stdout) as ExplainedEnvironment;
}

async function of(name: string, ...args: readonly string[]): Promise<ExplainedVariable> {
  const { variables } = await explain(name, ...args);
  const [found] = variables;
  if (found === undefined || variables.length !== 1) throw new Error(`${variables.length} variables`);
  return found;
}

/** `env_production 13: info` */
function layers({ layers: all }: ExplainedVariable): readonly string[] {
  return all.map(({ by, file = '', line = 0, value }) =>
    [by, own(file), line === 0 ? '' : String(line), value ?? 'null'].filter((text) => text !== '').join(' '),
  );
}

beforeAll(async () => {
  host = new Host();
  host.write('ecosystem.yaml', FILE.replace('port: 0', 'port: 4123'));
  host.write('a.js', 'setInterval(() => undefined, 1e6);');
  host.write('.env', 'LEVEL=file\nDB_PASSWORD=older-one\nGONE=1\n');
  chmodSync(host.write('secret', 'first-value-1'), 0o600);
  await host.run(['apply', '--env', 'production'], { env: { FROM_SHELL: 'yes' } });
});
afterAll(async () => host[Symbol.asyncDispose]());

describe('env explain', () => {
  it.each([false, true])(
    'names every layer in order, with file and line (of the daemon: %s)',
    async (ofDaemon) => {
      const flags = ofDaemon ? [] : ['-f', 'ecosystem.yaml', '--env', 'production'];
      const file = 'ecosystem.yaml';
      expect(layers(await of('LEVEL', ...flags))).toEqual([
        `env_production ${file} 13 info`,
        `env ${file} 12 debug`,
        `extends t ${file} 4 tpl`,
        `defaults ${file} 3 warn`,
        'env_file .env 1 file',
        `project env ${file} 2 root`,
      ]);
      expect(layers(await of('A', ...flags))).toEqual([
        `env ${file} 12 from_file ${join(host.folder, 'secret')}`,
        `extends t ${file} 4 one`,
        `defaults ${file} 3 from_env X`,
      ]);
      expect(layers(await of('GONE', ...flags))).toEqual([`env ${file} 12 null`, 'env_file .env 3 1']);
      expect(layers(await of('PORT', ...flags))).toEqual([`port ${file} 9 4123`]);
      expect(layers(await of('REGION', ...flags))).toEqual([`project env ${file} 2 eu`]);
      expect(layers(await of('PATH', ...flags))).toEqual(['daemon null']);
      expect(layers(await of('STATEWARD_SLOT', ...flags))).toEqual(['stateward null']);
      expect(layers(await of('DB_PASSWORD', ...flags))).toEqual([
        `env ${file} 12 <redacted>`,
        'env_file .env 2 <redacted>',
      ]);
    },
  );

  it('finds what was inherited, also from a shell that does not have it', async () => {
    expect(layers(await of('FROM_SHELL'))).toEqual(['inherit_env ecosystem.yaml 11 yes']);
    expect((await of('FROM_SHELL')).value).toBe('yes');
    const { variables } = await explain('-f', 'ecosystem.yaml');
    expect(variables.map(({ name }) => name)).not.toContain('FROM_SHELL');
  });

  it('says whether the processes have it, and no secret', async () => {
    const states = async (): Promise<Record<string, string | undefined>> => {
      const { variables } = await explain();
      return Object.fromEntries(variables.map(({ name, processes: [first] }) => [name, first?.state]));
    };
    expect(await states()).toMatchObject({
      A: 'same',
      LEVEL: 'same',
      X: 'as-started',
      PATH: 'same',
      PORT: 'same',
    });
    chmodSync(host.write('secret', 'second-value-2'), 0o600);
    expect(await states()).toMatchObject({ A: 'rotated', LEVEL: 'same' });
    const told = await host.ok('env', 'explain', 'api', 'A');
    expect(told.stdout).toMatch(
      /slot 0 +pid \d+ +has the value of when it started .* ago; it was rotated since/,
    );
    expect((await host.ok('env', 'explain', 'api')).stdout).toMatch(/^A +<from_file .*rotated since$/m);
    const all = JSON.stringify([await explain(), told.text, (await host.ok('env', 'explain', 'api')).text]);
    expect(all).not.toMatch(/hunter22|older-one|first-value|second-value/);
  });

  it('tells a value that was applied and that no process has yet, and one that is not applied', async () => {
    host.write(
      'ecosystem.yaml',
      FILE.replace('port: 0', 'port: 4123').replace('LEVEL: info', 'LEVEL: trace'),
    );
    expect(await of('LEVEL')).toMatchObject({ value: 'info', applied: false });
    expect((await host.ok('env', 'explain', 'api', 'LEVEL')).stdout).toContain(
      'the file says something else than what was applied: stateward plan shows what',
    );
    host.write(
      'ecosystem.yaml',
      FILE.replace('port: 0', 'port: 4123')
        .replace('LEVEL: info', 'LEVEL: trace')
        .replace(', OLD: 1', ', TOKEN: t0ken-new'),
    );
    // The value of a secret cannot be read, so the process keeps what it has.
    host.write('stop', '');
    await host.run(['apply', '--env', 'production', '--no-wait'], { env: { FROM_SHELL: 'yes' } });
    const [process] = (await of('LEVEL')).processes;
    expect(await of('LEVEL')).toMatchObject({ value: 'trace', applied: true });
    expect(process).toMatchObject({ state: 'older', value: 'info' });
    expect(await of('OLD')).toMatchObject({ layers: [], value: null });
    expect((await of('OLD')).processes[0]).toMatchObject({ state: 'gone', value: '1' });
    expect((await of('TOKEN')).processes[0]).toEqual(
      expect.not.objectContaining({ value: expect.anything() as unknown }),
    );
    expect((await of('TOKEN')).processes[0]?.state).toBe('absent');
  });

  it.each([
    [['DB_PASWORD'], 1, 'did you mean DB_PASSWORD?'],
    [['DB_PASWORD', '-f', 'ecosystem.yaml'], 1, 'did you mean DB_PASSWORD?'],
    [['LEVEL', '-f', 'none.yaml'], 65, 'none.yaml'],
  ])('refuses %j', async (args, code, text) => {
    const ran = await host.run(['env', 'explain', 'api', ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(text);
  });

  it('refuses an app that nobody knows, none, and several', async () => {
    const codes = [];
    for (const args of [['apo', '-f', 'ecosystem.yaml'], ['apo'], []]) {
      codes.push((await host.run(['env', 'explain', ...args])).code);
    }
    expect(codes).toEqual([1, 1, 64]);
  });
});
