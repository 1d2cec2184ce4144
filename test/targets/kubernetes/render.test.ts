import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronJobSchedule } from '../../../src/targets/kubernetes/workload/cron.ts';
import { renderKubernetes } from '../../../src/targets/kubernetes/render.ts';
import type { KubernetesObject } from '../../../src/targets/kubernetes/objects.ts';
import { specOf } from '../../spec/support/context.ts';
import { ANY_APPS, WEB } from './support/examples.ts';
import { render, said, SETTINGS } from './support/render.ts';

const probe = { http: { port: 3000, path: '/healthz' }, period: 2000, timeout: 1000 };

function kinds(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** The pod of the object that makes pods. */
function podOf(objects: readonly KubernetesObject[]): Record<string, unknown> {
  const maker = objects.find(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
  const template = maker?.spec?.['template'] as { readonly spec: Record<string, unknown> };
  return template.spec;
}

function containerOf(objects: readonly KubernetesObject[]): Record<string, unknown> {
  const [container = {}] = podOf(objects)['containers'] as readonly Record<string, unknown>[];
  return container;
}

describe('an app on Kubernetes', () => {
  it('is a Deployment with a Service, its variables and a budget for disruptions', () => {
    const { objects } = render([specOf({ ...WEB, env: { MODE: 'fast' } })]);
    expect(objects.map(({ kind }) => kind)).toEqual([
      ...['ConfigMap', 'Service', 'Deployment', 'PodDisruptionBudget'],
    ]);
    expect(objects).toMatchSnapshot();
  });

  it('is a StatefulSet where somebody has named the variable of the slot', () => {
    const { objects } = render([specOf({ ...WEB, instance_var: 'WORKER' })]);
    expect(kinds(objects)).toContain('StatefulSet web');
    expect(kinds(objects)).toContain('Service web-pods');
    expect(containerOf(objects)['env']).toContainEqual({
      name: 'WORKER',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } },
    });
  });

  it('is a CronJob with a schedule', () => {
    const job = {
      name: 'report',
      schedule: '0 2 * * *',
      cron_timezone: 'Europe/Berlin',
      stop_signal: 'SIGTERM',
    };
    const rendered = render([specOf({ ...job, concurrency: 'replace', cron_catch_up: false })]);
    expect(rendered.diagnostics).toEqual([]);
    expect(rendered.objects).toMatchObject([
      {
        kind: 'CronJob',
        spec: {
          ...{ schedule: '0 2 * * *', timeZone: 'Europe/Berlin', concurrencyPolicy: 'Replace' },
          startingDeadlineSeconds: 60,
        },
      },
    ]);
  });

  it('is another Job for another release, and for one of those that wait for it where it says so', () => {
    const name = (migrate: Record<string, unknown>, web: Record<string, unknown> = {}): string | undefined =>
      kinds(
        render([
          specOf({ name: 'migrate', autorestart: false, ...migrate }),
          specOf({ name: 'web', depends_on: { migrate: 'completed' }, ...web }),
        ]).objects,
      ).find((one) => one.startsWith('Job '));
    const every = { run: 'every_release' };
    expect(name({})).toBe(name({}, { args: ['-v'] }));
    expect(name({})).not.toBe(name({ args: ['-v'] }));
    expect(name({})).not.toBe(name({ image: 'other' }));
    expect(name(every)).not.toBe(name(every, { args: ['-v'] }));
    expect(name(every)).not.toBe(name(every, { image: 'other' }));
  });

  it('has the folder of the file where it is in the image', () => {
    const { objects } = render([specOf({ script: './bin/api.js', cwd: './api', args: ['x'] })], {
      settings: { ...SETTINGS, folder: '/srv/app' },
    });
    expect(containerOf(objects)).toMatchObject({
      command: ['node', '/srv/app/api/bin/api.js', 'x'],
      workingDir: '/srv/app/api',
    });
  });

  it('may take what a command before the signal takes on top of its own time', () => {
    const grace = (app: Record<string, unknown>): unknown =>
      podOf(render([specOf({ kill_timeout: 4500, ...app })]).objects)['terminationGracePeriodSeconds'];
    expect(grace({})).toBe(5);
    expect(grace({ port: 3000 })).toBe(8);
    expect(grace({ shutdown: { command: ['bye'], timeout: 20_000 } })).toBe(25);
  });

  it('is kept from its liveness probe until it may have become ready', () => {
    const { objects } = render([specOf({ ...WEB, liveness: probe, listen_timeout: 41_000 })]);
    expect(containerOf(objects)['startupProbe']).toMatchObject({ periodSeconds: 2, failureThreshold: 21 });
  });
});

describe('secrets', () => {
  it('are references, whatever they are called or look like', () => {
    const token = `ghp_${'a'.repeat(36)}`;
    const app = specOf({
      name: 'web',
      env: { DB_PASSWORD: 'hunter2', NOTE: token, PLAIN: 'x', FROM: { from_file: '/etc/key' } },
    });
    const { objects, secrets } = render([app]);
    expect(JSON.stringify(objects)).not.toMatch(/hunter2|ghp_/);
    expect(secrets).toEqual([{ name: 'web-secrets', keys: ['DB_PASSWORD', 'FROM', 'NOTE'] }]);
    expect(render([app], { settings: { ...SETTINGS, secret: 'all' } }).secrets).toMatchObject([
      { name: 'all' },
    ]);
  });
});

describe('what cannot be the same', () => {
  it('is an error', () => {
    expect(said(render([specOf({ name: '%%' })]), 'error')).toContainEqual(
      expect.stringMatching(/^name: no letter/),
    );
    const twice = render([specOf({ name: 'api_1' }), specOf({ name: 'api.1' })]);
    expect(said(twice, 'error')).toEqual([
      'name: its Deployment would be called api-1 there, as one of shop/api.1 is',
    ]);
    const pods = render([specOf({ name: 'web', instance_var: 'N' }), specOf({ name: 'web-pods', port: 1 })]);
    expect(said(pods, 'error')).toEqual([
      'name: its Service would be called web-pods there, as one of shop/web is',
    ]);
    const perProcessor = render([specOf({ name: 'web' })], { perProcessor: new Set(['web']) });
    expect(said(perProcessor, 'error')).toEqual([
      expect.stringMatching(/^instances: depends on the processors/),
    ]);
    const imageless = render([specOf()], { settings: { ...SETTINGS, image: null } });
    expect(said(imageless, 'error')).toEqual(['image: there is none']);
    expect(said(render([specOf({ script: '/opt/other/api.js' })]), 'error')).toEqual([
      'script: /opt/other/api.js is not below /srv/shop, which the image has',
    ]);
  });

  it('is said of every part of a probe', () => {
    const asked = {
      http: { port: 3000, status: 404, scheme: 'https' as const },
      period: 1500,
      success_threshold: 2,
    };
    const rendered = render([specOf({ stop_signal: 'SIGTERM', liveness: asked })]);
    expect(said(rendered, 'error')).toEqual([
      'liveness.success_threshold: has to be 1 there',
      'liveness.http.status: only 200 to 399 is good there',
    ]);
    expect(said(rendered, 'warning')).toEqual(
      expect.arrayContaining([
        'liveness.period: is rounded up to whole seconds',
        'liveness.http.scheme: the certificate is not checked there',
      ]),
    );
  });
});

describe('a schedule', () => {
  it.each([
    ['0 2 * * *', '0 2 * * *'],
    ['*/5  8-18 * JAN,jul MON-fri', '*/5 8-18 * JAN,jul MON-fri'],
    ['0 */10 * * * *', '*/10 * * * *'],
    ['@daily', '@daily'],
    ['30 0 2 * * *', null],
    ['0 0 L * *', null],
    ['0 0 * * FRI#2', null],
    ['0 0 15W * *', null],
    ['@reboot', null],
  ])('%s is %s for a CronJob', (written, taken) => {
    expect(cronJobSchedule(written)).toBe(taken);
  });
});

describe('rendering', () => {
  it('does not depend on the order of the apps', () => {
    fc.assert(
      fc.property(ANY_APPS, (specs) => {
        expect(render(specs.toReversed())).toEqual(render(specs));
      }),
    );
  });

  it('gives names and labels that Kubernetes takes, and each name once', () => {
    fc.assert(
      fc.property(ANY_APPS, (specs) => {
        const { objects } = render(specs);
        for (const { metadata } of objects) {
          expect(metadata.name).toMatch(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);
          for (const [key, value] of Object.entries(metadata.labels ?? {})) {
            expect(key).toMatch(/^(?:[a-z.]+\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
            expect(value).toMatch(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
          }
        }
        expect(new Set(kinds(objects)).size).toBe(objects.length);
      }),
    );
  });

  it('takes projects that share a namespace for what they are there: one set of names', () => {
    const project = { root: '/srv', settings: SETTINGS, apps: [specOf({ script: '/srv/api.js' })] };
    const { diagnostics } = renderKubernetes([
      { ...project, project: 'shop' },
      { ...project, project: 'blog' },
    ]);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { project: 'blog', app: 'api', field: 'name', message: expect.stringContaining('shop/api') as string },
    ]);
  });

  it('puts what others depend on first', () => {
    const chain = [
      specOf({ name: 'a', depends_on: ['b'] }),
      specOf({ name: 'b', depends_on: ['c'] }),
      specOf({ name: 'c' }),
    ];
    expect(kinds(render(chain).objects)).toEqual(['Deployment c', 'Deployment b', 'Deployment a']);
  });
});
