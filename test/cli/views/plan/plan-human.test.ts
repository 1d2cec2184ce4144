import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { HoldInfo } from '../../../../src/api/contract/wire/apps.ts';
import type { PlanDocument } from '../../../../src/api/contract/wire/plan.ts';
import { renderPlan } from '../../../../src/cli/views/plan/plan-human.ts';
import type { Change, PlanSummary } from '../../../../src/plan/model/plan.ts';
import type { FieldChange } from '../../../../src/spec/types.ts';

const WIDE = { color: false, width: 110 };

function field(
  path: string,
  before: unknown,
  after: unknown,
  fields: Partial<FieldChange> = {},
): FieldChange {
  return { path, before, after, class: 'template', redacted: false, ...fields };
}

function change(name: string, kind: Change['kind'], fields: Partial<Change> = {}): Change {
  return {
    app: `shop/${name}`,
    kind,
    reason: 'Converged',
    fields: [],
    instancesBefore: 1,
    instancesAfter: 1,
    touches: 1,
    ...fields,
  };
}

function count(changes: readonly Change[], untouched: number): PlanSummary {
  const of = (kind: Change['kind']) => changes.filter((it) => it.kind === kind).length;
  return {
    create: of('create'),
    scale: of('scale'),
    live: of('live'),
    roll: of('roll'),
    start: of('start'),
    stop: of('stop'),
    restart: of('restart'),
    remove: of('remove'),
    unchanged: of('unchanged'),
    processesTouched: changes.reduce((sum, { touches }) => sum + touches, 0),
    processesUntouched: untouched,
  };
}

const HERE = { files: ['/srv/shop/ecosystem.yaml'], env: null };

it('a plan says what is to be known of a project, also when nothing of it changes', () => {
  const note = 'declared by /home/ann/shop/ecosystem.yaml before';
  const project = { project: 'shop', revisionBefore: 1, revisionAfter: 2, source: HERE, notes: [note] };
  const changed = renderPlan(documentOf([change('api', 'roll')], { projects: [project] }), WIDE);
  expect(changed).toContain(`\n  ! ${note}\n`);
  expect(renderPlan(documentOf([], { projects: [project] }), WIDE)).toContain(`  ! shop: ${note}\n`);
});

interface DocumentFields {
  readonly projects?: PlanDocument['projects'];
  readonly holds?: readonly HoldInfo[];
  readonly untouched?: number;
}

function documentOf(changes: readonly Change[], fields: DocumentFields = {}): PlanDocument {
  const source = { files: ['/srv/shop/ecosystem.yaml'], env: null };
  return {
    formatVersion: 1,
    kind: 'Plan',
    projects: fields.projects ?? [{ project: 'shop', revisionBefore: 41, revisionAfter: 42, source }],
    options: { prune: true, only: null },
    changes,
    holds: fields.holds ?? [],
    summary: count(changes, fields.untouched ?? 0),
    fingerprint: 'f',
    basis: { fingerprint: 'f', apps: [], desiredHash: 'd' },
    guard: null,
  };
}

function render(changes: readonly Change[], fields?: DocumentFields): string {
  return renderPlan(documentOf(changes, fields), WIDE);
}

const EXAMPLE: readonly Change[] = [
  change('worker', 'create', { instancesBefore: 0, instancesAfter: 2, touches: 2 }),
  change('api', 'scale', {
    reason: 'ScaledUp',
    fields: [field('instances', 2, 4, { class: 'scale' })],
    instancesBefore: 2,
    instancesAfter: 4,
    touches: 2,
  }),
  change('mailer', 'live', {
    fields: [field('max_memory_restart', 209_715_200, 314_572_800, { class: 'live' })],
    touches: 0,
  }),
  change('web', 'roll', { fields: [field('env.LOG_LEVEL', 'info', 'debug')], touches: 4 }),
  change('legacy', 'remove', { reason: 'RemovedFromFile', instancesAfter: 0 }),
  ...Array.from({ length: 12 }, (_, index) => change(`same-${index}`, 'unchanged', { touches: 0 })),
];

it.each([
  [4, { order: 'start-first', atOnce: 1, gap: false }, '4 processes, 1 at a time, start first'],
  [4, { order: 'start-first', atOnce: 4, gap: false }, '4 processes, all at once, start first'],
  [2, { order: 'stop-first', atOnce: 1, gap: true }, '2 processes, 1 at a time, stop first (a gap)'],
  [1, { order: 'stop-first', atOnce: 1, gap: true }, '1 process, stop first (a gap)'],
  [1, { order: 'start-first', atOnce: 1, gap: false }, '1 process, start first'],
  [3, { order: 'stop-first', atOnce: 3, gap: true, now: true }, '3 processes, all at once (restart --now)'],
  [3, undefined, '3 processes, 1 at a time'],
  [0, { order: 'start-first', atOnce: 1, gap: false }, 'no restart'],
  [0, undefined, 'no restart'],
] as const)('a plan says how %i processes are replaced: %j', (touches, rollout, cost) => {
  const fields = [field('env.LEVEL', 'a', 'b')];
  const text = render([change('web', 'roll', { touches, fields, ...(rollout && { rollout }) })]);
  expect(text).toContain(`${cost}\n`);
});

it('a plan leaves no room empty that pushes the cost over the edge', () => {
  const fields = [field('env.LEVEL', 'a', 'b')];
  const rollout = { order: 'start-first', atOnce: 1, gap: false } as const;
  const text = renderPlan(documentOf([change('web', 'roll', { touches: 2, fields, rollout })]), {
    color: false,
    width: 100,
  });
  const line = text.split('\n').find((it) => it.includes('± web')) ?? '';
  expect(line).toMatch(/"a" → "b" {3,}2 processes, 1 at a time, start first$/);
  expect(line.length).toBe(100);
});

it('a plan says that the very version failed before', () => {
  const fields = [field('env.LEVEL', 'a', 'b'), field('script', 'a.js', 'b.js')];
  const failedBefore = 'slot 0 exited with code 1 after 0.2s';
  const text = render([change('web', 'roll', { fields, failedBefore })]);
  expect(text).toContain('script: "a.js" → "b.js"\n');
  expect(text).toMatch(/^ +failed before: slot 0 exited with code 1 after 0\.2s$/m);
});

describe('a plan for people', () => {
  it('looks as the design shows it', () => {
    expect(render(EXAMPLE, { untouched: 23 })).toBe(
      [
        'shop  (revision 41 → 42, ecosystem.yaml)',
        '  + worker        create     2 instances',
        '  ~ api           scale      instances: 2 → 4                          no restart',
        '  ~ mailer        live       max_memory_restart: 200M → 300M           no restart',
        '  ± web           roll       env.LOG_LEVEL: "info" → "debug"           4 processes, 1 at a time',
        '  - legacy        remove     1 instance (not in ecosystem.yaml any more)',
        'Plan: 1 to create, 1 to scale, 1 to update live, 1 to roll, 1 to remove, 12 unchanged. ' +
          '9 processes touched, 23 not.',
        '',
      ].join('\n'),
    );
  });

  it('says in one line that there is nothing to do', () => {
    expect(render([change('api', 'unchanged', { touches: 0 })], { untouched: 1 })).toBe(
      'No changes. What runs is what is declared. 0 processes touched.\n',
    );
  });

  it('says of what was started by hand that it is left running', () => {
    expect(render([change('api', 'live', { reason: 'OverrideReset', touches: 0 })])).toContain(
      'was started by hand, and is left running',
    );
  });

  it('shows what is started, stopped and restarted, and why', () => {
    expect(
      render([
        change('a', 'start', { reason: 'OverrideReset', touches: 2 }),
        change('b', 'stop', { reason: 'StoppedByOperator' }),
        change('c', 'restart', { reason: 'RestartRequested', touches: 3 }),
        change('d', 'start', { reason: 'BackOff' }),
      ]),
    ).toBe(
      [
        'shop  (revision 41 → 42, ecosystem.yaml)',
        '  ↑ a             start      was stopped by hand                       2 processes',
        '  ↓ b             stop       an operator stopped the app               1 process',
        '  ± c             restart    an operator asked for a restart           3 processes, 1 at a time',
        '  ↑ d             start      (not running)                             1 process',
        'Plan: 1 to restart, 2 to start, 1 to stop, 0 unchanged. 7 processes touched, 0 not.',
        '',
      ].join('\n'),
    );
  });

  it('puts the field that forces the change on the line and the others below', () => {
    const fields = [
      field('instances', 2, 4, { class: 'scale' }),
      field('kill_timeout', 5_000, 90_000, { class: 'live' }),
      field('args', ['a'], undefined),
    ];
    const lines = render([change('web', 'roll', { fields, touches: 4 })]).split('\n');
    expect(lines.slice(1, 4)).toEqual([
      '  ± web           roll       args: ["a"] → (not set)                   4 processes, 1 at a time',
      '                             instances: 2 → 4',
      '                             kill_timeout: 5s → 1m30s',
    ]);
  });

  it('says that a number of instances set by hand goes', () => {
    const fields = [field('instances', 4, 2, { class: 'scale' })];
    const scaled = change('api', 'scale', {
      reason: 'OverrideReset',
      fields,
      instancesBefore: 4,
      instancesAfter: 2,
      touches: 2,
    });
    expect(render([scaled])).toContain('instances: 4 → 2 (was scaled by hand)     no restart\n');
  });

  it.each<[string, Partial<Change> & Pick<Change, 'kind'>, string]>([
    ['that a roll of one process takes one', { kind: 'roll', touches: 1 }, '1 process\n'],
    ['that a roll costs nothing where no process goes', { kind: 'roll', touches: 0 }, 'no restart\n'],
    ['that a live change starts what was down', { kind: 'live', touches: 1 }, '1 process\n'],
    ['that scaling restarts something', { kind: 'scale', instancesAfter: 2, touches: 3 }, '3 processes\n'],
    ['that nothing is started', { kind: 'create', touches: 0 }, '1 instance, none to be started\n'],
    [
      'how many of a removed app run',
      { kind: 'remove', reason: 'Deleted', instancesBefore: 3, touches: 1 },
      '3 instances, 1 running (deleted)\n',
    ],
    [
      'which hooks run, and what pre_start is',
      { kind: 'roll', hooks: ['pre_start', 'post_stop'], preStart: ['npm', 'run', 'migrate'] },
      'hooks: pre_start (npm run migrate), post_stop\n',
    ],
    [
      'that a removed app does not run',
      { kind: 'remove', reason: 'Deleted', touches: 0 },
      ', none running (deleted)\n',
    ],
  ])('tells the cost: %s', (_name, { kind, ...fields }, expected) => {
    expect(render([change('api', kind, fields)])).toContain(expected);
  });

  it('shows that a secret changed without showing it', () => {
    const secret = field('env.DB_PASSWORD', '<redacted>', '<redacted>', { redacted: true });
    const added = field('env.TOKEN', undefined, '<redacted>', { redacted: true });
    const text = render([change('api', 'roll', { fields: [secret, added] })]);
    expect(text).toContain('env.DB_PASSWORD: "<redacted>" (changed)');
    expect(text).toContain('env.TOKEN: (not set) → "<redacted>"');
  });

  it('keeps the columns when a name is long, and when a value is', () => {
    const long = field('args', [], ['x'.repeat(90)]);
    const [, first, second] = renderPlan(
      documentOf([
        change('a-name-that-is-rather-long', 'roll', { fields: [long] }),
        change('b', 'live', { fields: [field('watch', false, true, { class: 'live' })], touches: 0 }),
      ]),
      WIDE,
    ).split('\n');
    expect(first?.indexOf('roll')).toBe(second?.indexOf('live'));
    expect(first).toMatch(/x"\] {2}1 process$/);
    expect(second).toBe(
      '  ~ b                           live       watch: false → true                       no restart',
    );
  });

  it('names each project that changes, and no other', () => {
    const projects = [
      { project: 'shop', revisionBefore: null, revisionAfter: 1, source: { files: ['-'], env: null } },
      {
        project: 'idle',
        revisionBefore: 3,
        revisionAfter: 3,
        source: { files: ['/x/idle.yaml'], env: null },
      },
      { project: 'blog', revisionBefore: 7, revisionAfter: 7, source: { files: [], env: null } },
    ];
    const text = render(
      [
        change('api', 'create'),
        change('x', 'unchanged', { app: 'idle/x', touches: 0 }),
        change('x', 'remove', { app: 'blog/x', reason: 'RemovedFromFile' }),
        change('x', 'start', { app: 'other/x', reason: 'NotRunning' }),
      ],
      { projects },
    );
    const lines = text.split('\n').filter((line) => !line.startsWith(' '));
    expect(lines.slice(0, 3)).toEqual([
      'shop  (new, revision 1, standard input)',
      'blog  (revision 7)',
      'other',
    ]);
    expect(text).toContain('1 instance (not declared any more)');
  });

  it('blames no file for what a revision does not declare that is gone back to', () => {
    const document = documentOf([change('x', 'remove', { reason: 'RemovedFromFile' })]);
    expect(renderPlan(document, { ...WIDE, revision: 4 })).toContain('1 instance (not in revision 4)');
  });

  it('says what no plan can mend, and then does not claim that all is well', () => {
    const holds: readonly HoldInfo[] = [
      { key: 'shop/api', slot: 1, reason: 'Unverified', message: 'process 777 is left alone', until: null },
      {
        key: 'shop/api',
        slot: 0,
        reason: 'MinUptime',
        message: 'not up yet',
        until: '2026-03-01T12:00:01.000Z',
      },
    ];
    expect(render([change('api', 'unchanged', { touches: 0 })], { holds })).toBe(
      '  ! shop/api:1: process 777 is left alone\nNo changes. 0 processes touched.\n',
    );
  });

  it('says once that the processes are not known', () => {
    const holds = ['a', 'b'].map((name): HoldInfo => ({
      key: `shop/${name}`,
      slot: null,
      reason: 'RunnerUnreachable',
      message: 'x',
      until: null,
    }));
    const text = render([change('a', 'roll')], { holds });
    expect(text.match(/the runner does not answer/g)).toHaveLength(1);
    expect(render([change('a', 'unchanged')], { holds })).not.toContain('What runs is what is declared');
  });

  it('lets no control character of a value through to the terminal', () => {
    const evil = field('env.A', 'x', 'y\u009b2J\u001b[2J\u007f');
    const text = render([change('api', 'roll', { fields: [evil] })]);
    expect(Array.from(text.matchAll(/\p{Cc}/gu), ([it]) => it).filter((it) => it !== '\n')).toEqual([]);
  });

  it('colours symbols and kinds where it may, and nothing else changes', () => {
    const document = documentOf(EXAMPLE);
    const coloured = renderPlan(document, { color: true, width: 110 });
    expect(coloured).toContain('\u001b[32m+\u001b[39m worker');
    expect(coloured).toContain('\u001b[31mremove\u001b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(renderPlan(document, WIDE));
  });
});
