import fc from 'fast-check';
import type { AppSpec } from '../../../../src/spec/types.ts';
import type { KubernetesObject } from '../../../../src/targets/kubernetes/objects.ts';
import { specOf } from '../../../spec/support/context.ts';
import { DECLARED } from '../../support/declared.ts';
import { render } from './render.ts';

const probe = { http: { port: 3000, path: '/healthz' }, period: 2000, timeout: 1000 };

/** An app with most of what a server has. */
export const WEB = { name: 'web', port: 3000, instances: 3, stop_signal: 'SIGTERM', readiness: probe };

/** One app or more of each kind that a workload can be, with all that it brings along. */
const APPS: Readonly<Record<string, readonly AppSpec[]>> = {
  'a server': [
    specOf({ ...WEB, env: { MODE: 'fast', API_TOKEN: 'hunter2' }, liveness: probe, startup: probe }),
  ],
  'a server whose instances have numbers': [specOf({ ...WEB, instance_var: 'WORKER' })],
  'a server with what it may take and hooks': [
    specOf({
      ...WEB,
      ...{
        uid: 1000,
        gid: 1000,
        limits: { memory: '200M', cpu: 0.5 },
        version: '2',
        stdin: 'open',
        tty: true,
      },
      hooks: {
        post_start: { command: ['say', 'hello'] },
        pre_stop: { command: ['say', 'goodbye'], timeout: 2000 },
      },
      labels: { team: 'payments', note: 'with a blank' },
      ...{ namespace: 'billing', protect: true },
    }),
  ],
  'probes of each kind': [
    specOf({
      ...WEB,
      readiness: { tcp: { port: 3000 } },
      liveness: { exec: { command: ['true'] } },
      startup: { grpc: { port: 3000, service: 'shop' } },
    }),
  ],
  'a job at times': [
    specOf({ name: 'report', schedule: '0 2 * * *', cron_timezone: 'Europe/Berlin', cron_catch_up: false }),
  ],
  'a job of several': [specOf({ name: 'sweep', schedule: '@daily', instances: 2, autostart: false })],
  'a job that others wait for': [
    specOf({ name: 'migrate', autorestart: false, env: { MODE: 'fast' } }),
    specOf({ name: 'web', depends_on: { migrate: 'completed' } }),
  ],
};

/** What is rendered of examples, and of every field of the schema where it can be said there. */
export const RENDERED: readonly (readonly [string, readonly KubernetesObject[]])[] = [
  ...Object.entries(APPS).map(([name, apps]) => [name, render(apps).objects] as const),
  ...Object.entries(DECLARED).flatMap(([field, { value, of }]) => {
    const { objects, diagnostics } = render([{ ...specOf({ name: 'api', ...of }), [field]: value }]);
    return diagnostics.some(({ severity }) => severity === 'error') ? [] : [[field, objects] as const];
  }),
];

const app = fc.record(
  {
    port: fc.constant(3000),
    instances: fc.integer({ min: 1, max: 5 }),
    schedule: fc.constant('@daily'),
    env: fc.dictionary(fc.constantFrom('A', 'B', 'TOKEN'), fc.string({ maxLength: 5 })),
    labels: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 70 }), { maxKeys: 3 }),
  },
  { requiredKeys: ['instances'] },
);

/** Any apps of one project. */
export const ANY_APPS = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), app), {
    selector: ([name]) => name,
    minLength: 1,
  })
  .map((entries): readonly AppSpec[] => entries.map(([name, fields]) => specOf({ name, ...fields })));
