import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { validate } from '../../src/config/generated/validate.js';
import { importCompose } from '../../src/import/compose/compose.ts';
import { shellCommand } from '../../src/import/model/command.ts';
import { err } from '../../src/lib/result.ts';
import type { ImportResult } from '../../src/import/model/imported.ts';
import { importProcessCompose } from '../../src/import/process-compose/process-compose.ts';
import { importProcfile } from '../../src/import/procfile/procfile.ts';
import { importSupervisor } from '../../src/import/supervisor/supervisor.ts';
import { cronOf } from '../../src/import/systemd/calendar.ts';
import { importSystemd } from '../../src/import/systemd/systemd.ts';
import { systemdWords } from '../../src/import/systemd/words.ts';
import { rendered } from './support/render.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const UNITS = [
  'web.service',
  'db.service',
  'worker@.service',
  'backup.service',
  'backup.timer',
  'report.service',
  'report.timer',
  'feed.service',
  'feed.socket',
];

function textOf(name: string): string {
  return readFileSync(join(FIXTURES, name), 'utf8');
}

function compose(shown: string, text: string): ImportResult {
  const open = (path: string) =>
    err({ code: 'CONFIG_NOT_FOUND', message: `cannot read ${path}: no such file or folder` } as const);
  return importCompose([{ shown, text, folder: '/srv' }], { open, hasDotEnv: false });
}

function units(...names: readonly string[]) {
  return names.map((name) => ({ file: name, text: textOf(`systemd/${name}`) }));
}

const CASES: readonly (readonly [string, () => ImportResult])[] = [
  ['systemd', () => importSystemd(units(...UNITS))],
  ['supervisor', () => importSupervisor('shop.conf', textOf('supervisor/shop.conf'))],
  ['compose', () => compose('compose.yaml', textOf('compose/compose.yaml'))],
  ['process-compose', () => importProcessCompose('pc.yaml', textOf('process-compose/process-compose.yaml'))],
];

function errorsOf(result: ImportResult): readonly string[] {
  if (result.ok) return [];
  return result.error.map(
    ({ position, message }) => `${position?.file ?? ''}:${position?.line ?? ''} ${message}`,
  );
}

describe.each(CASES)('%s', (name, load) => {
  it('becomes a valid ecosystem file, with a comment for what has no counterpart', async () => {
    const found = load();
    expect(errorsOf(found)).toEqual([]);
    if (!found.ok) return;
    const secrets = found.value.apps
      .map((app) => `# ${app.name}: ${Object.keys(app.secrets).join(', ')}\n`)
      .join('');
    const text = rendered(found.value);
    await expect(`${text}\n${secrets}`).toMatchFileSnapshot(`golden/${name}.yaml`);
    expect({ ok: validate(parse(text)), errors: validate.errors }).toEqual({ ok: true, errors: null });
    for (const { secrets: variables } of found.value.apps) {
      for (const value of Object.values(variables)) expect(text).not.toContain(value);
    }
  });
});

describe('a broken file', () => {
  it.each([
    [
      'systemd',
      importSystemd([{ file: 'a.service', text: '[Service]\nExecStart=/bin/a\nwhat is this\n' }]),
      'a.service:3 this is neither a [section] nor a key = value',
    ],
    [
      'systemd',
      importSystemd([{ file: 'a.service', text: 'ExecStart=/bin/a\n' }]),
      'a.service:1 this stands before the first [section]',
    ],
    [
      'systemd',
      importSystemd([{ file: 'a.service', text: '[Service]\nType=oneshot\n' }]),
      'a.service: a.service has no ExecStart=',
    ],
    [
      'systemd',
      importSystemd(units('backup.timer')),
      'backup.timer: backup.timer is a timer without its service',
    ],
    [
      'supervisor',
      importSupervisor('s.conf', '[program:a]\ndirectory=/srv\n'),
      's.conf:1 [program:a] has no command',
    ],
    ['supervisor', importSupervisor('s.conf', '[supervisord]\n'), 's.conf: s.conf declares no program'],
    ['compose', compose('c.yaml', 'services:\n  web: node x\n'), 'c.yaml:2 services.web must be a map'],
    [
      'compose',
      compose('c.yaml', 'services:\n  db: { image: postgres }\n'),
      'c.yaml: c.yaml declares no service with a command',
    ],
    ['compose', compose('c.yaml', 'apps: []\n'), 'c.yaml: this is not a Compose file'],
    [
      'process-compose',
      importProcessCompose('p.yaml', 'processes:\n  a:\n    replicas: 1\n'),
      'p.yaml:3 processes.a has no command',
    ],
    ['compose', compose('c.yaml', 'services:\n\t- a: [\n'), 'c.yaml:2'],
  ])('of %s is an error with its place and a hint', (_what, result, expected) => {
    expect(errorsOf(result)[0]).toContain(expected);
    if (!result.ok) expect(result.error[0]?.hint).toBeTruthy();
  });
});

describe('no text', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '[Service]',
      '[Timer]',
      '[program:a]',
      '[group:x]',
      'ExecStart=-/bin/a "b',
      'OnCalendar=*-*-* 1:2',
      'command=a %(ENV_X)s',
      'environment=A="b',
      'a: b',
      'services:',
      '  web:',
      '    command: a',
      '    environment: [A=1, B]',
      'processes:',
      '    depends_on: 3',
      '    healthcheck: []',
      '    deploy: x',
      '  \\',
      'numprocs=x',
      'programs=a',
    ),
  );
  const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));

  it.each([
    ['procfile', (given: string) => importProcfile('f', given, null)],
    [
      'systemd',
      (given: string) =>
        importSystemd([
          { file: 'f.service', text: given },
          { file: 'f.timer', text: given },
        ]),
    ],
    ['supervisor', (given: string) => importSupervisor('f', given)],
    ['compose', (given: string) => compose('f', given)],
    ['process-compose', (given: string) => importProcessCompose('f', given)],
  ])('makes the import of %s throw: it is an app or an error with a hint', (_what, load) => {
    fc.assert(
      fc.property(text, (given) => {
        const result = load(given);
        if (result.ok) parse(rendered(result.value));
        else expect(result.error[0]?.hint).toBeTruthy();
      }),
      { numRuns: 400 },
    );
  });

  const value = fc.jsonValue({ maxDepth: 2 });
  const keys = fc.constantFrom(
    'command',
    'entrypoint',
    'environment',
    'depends_on',
    'healthcheck',
    'deploy',
    'volumes',
    'working_dir',
    'user',
    'restart',
    'env_file',
    'scale',
    'availability',
    'readiness_probe',
    'shutdown',
    'schedule',
    'replicas',
    'namespace',
    'log_location',
    'mem_limit',
  );

  it('of the right form makes one throw either, whatever its values are', () => {
    const services = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.dictionary(keys, value));
    fc.assert(
      fc.property(services, (given) => {
        for (const result of [
          compose('f', JSON.stringify({ services: given })),
          importProcessCompose('f', JSON.stringify({ processes: given })),
        ]) {
          if (result.ok) parse(rendered(result.value));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a calendar of systemd', () => {
  it.each([
    ['daily', '0 0 * * *', null],
    ['weekly', '0 0 * * 1', null],
    ['*-*-* 02:30:00', '30 2 * * *', null],
    ['02:30', '30 2 * * *', null],
    ['Mon..Fri 09:00', '0 9 * * 1-5', null],
    ['Sat,Sun *-*-* 10:00 UTC', '0 10 * * 6,0', 'UTC'],
    ['*:0/15', '*/15 * * * *', null],
    ['*-*-* *:0/15:00', '*/15 * * * *', null],
    ['*-*-01 04:00:00 Europe/Berlin', '0 4 1 * *', 'Europe/Berlin'],
    ['*-1,7-1 00:00', '0 0 1 1,7 *', null],
    ['*-*-* 00:00:30', '30 0 0 * * *', null],
    ['Fri..Sun 08:00', '0 8 * * 5-7', null],
  ])('%s is %s', (text, cron, zone) => {
    expect(cronOf(text)).toEqual({ cron, zone });
  });

  it.each([
    '2026-01-01 00:00',
    'Mon *-*-1..7 10:00',
    '*-*~1 10:00',
    'Sat..Mon 10:00',
    '',
    'soon',
    '*-*-* 25:00',
  ])('%s is nothing that cron can say', (text) => {
    expect(cronOf(text)).toBeNull();
  });
});

describe('a command line', () => {
  it.each([
    [
      'node --import ./a.mjs -r b server.js -v',
      { script: './server.js', interpreter_args: ['--import', './a.mjs', '-r', 'b'], args: ['-v'] },
    ],
    ['node -e "x"', { script: 'node', args: ['-e', 'x'] }],
    ['a && b', { script: 'a && b', shell: true }],
    ['cd x', { script: 'cd x', shell: true }],
    ["prog 'a b' c", { script: 'prog', args: ['a b', 'c'] }],
    ['echo $HOME', { script: 'echo $HOME', shell: true }],
  ])('%s', (line, fields) => {
    expect(shellCommand(line).fields).toEqual(fields);
  });

  it('of systemd has quotes and escapes as C has them', () => {
    expect(systemdWords(String.raw`a "b c" 'd "e"' f\x20g \"h\" i\\j`)).toEqual([
      'a',
      'b c',
      'd "e"',
      'f g',
      '"h"',
      'i\\j',
    ]);
  });
});
