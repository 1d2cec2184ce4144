import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specOf } from '../../spec/support/context.ts';
import { nomad, saidOf } from '../support/others.ts';

const probe = { http: { port: 3000, path: '/healthz' }, period: 2000, timeout: 1000 };
const WEB = {
  ...{ name: 'web', port: 3000, readiness: probe, liveness: probe, stop_signal: 'SIGTERM' },
  ...{ env: { MODE: 'fast', DB_PASSWORD: 'hunter2' }, limits: { memory: '300M', cpu: 1.5, pids: 20 } },
};

describe('an app as a job', () => {
  it('has a container, its ports as services with checks, and its secrets by reference', () => {
    const { objects, secrets, diagnostics } = nomad([specOf(WEB)]);
    expect(objects).toMatchSnapshot();
    expect(diagnostics).toEqual([]);
    expect(JSON.stringify(objects)).not.toContain('hunter2');
    expect(secrets).toEqual([{ path: 'nomad/jobs/shop-web', keys: ['DB_PASSWORD'] }]);
  });

  it('is a process of the node where there is no image', () => {
    const { objects } = nomad([specOf({ name: 'web', args: ['x'], port: 'auto' })], { image: null });
    expect(objects[0]?.TaskGroups[0]).toMatchObject({
      Networks: [{ DynamicPorts: [{ Label: 'main' }] }],
      Tasks: [
        {
          Driver: 'raw_exec',
          Config: {
            command: '/bin/sh',
            args: ['-c', 'cd "$0" && exec "$@"', '/srv/shop', '/usr/bin/node', '/srv/shop/api.js', 'x'],
          },
          Env: { PORT: '${NOMAD_PORT_main}', NODE_APP_INSTANCE: '${NOMAD_ALLOC_INDEX}' },
        },
      ],
    });
  });

  it('is a batch that runs at its times', () => {
    const [job] = nomad([specOf({ name: 'report', schedule: '0 2 * * *', cron_timezone: 'UTC' })]).objects;
    expect(job).toMatchObject({
      Type: 'batch',
      Periodic: { Spec: '0 2 * * *', ProhibitOverlap: true, TimeZone: 'UTC' },
    });
  });

  it('says what is lost or cannot be', () => {
    const refused = (app: Record<string, unknown>): readonly string[] =>
      saidOf(nomad([specOf({ name: 'web', ...app })]), 'error').map((text) => text.split(':')[0] ?? '');
    expect(refused({ readiness: { exec: { command: ['ok'] } } })).toEqual(['readiness.exec']);
    expect(refused({ readiness: { tcp: { port: 3000 } } })).toEqual(['readiness']);
    expect(refused({ hooks: { post_start: { command: ['x'] } } })).toEqual(['hooks.post_start']);
    const references = nomad([specOf({ name: 'web', args: ['${node.class}'], env: { A: '${B}' } })]);
    expect(saidOf(references, 'warning')).toEqual([
      'args: Nomad puts its own values into ${...}',
      'env: Nomad puts its own values into the ${...} of A',
    ]);
    const twice = nomad([specOf({ name: 'a b' }), specOf({ name: 'a/b' })]);
    expect(saidOf(twice, 'error')).toEqual([
      'name: its job would be called shop-a-b there, as that of shop/a b is',
    ]);
  });

  it('has deadlines that Nomad takes: healthy before progress, and both above the time to be healthy', () => {
    const time = fc.integer({ min: 0, max: 3_600_000 });
    fc.assert(
      fc.property(time, time, fc.option(time), (min_ready, listen_timeout, deadline) => {
        const rollout = { min_ready, ...(deadline !== null && { deadline }) };
        const [job] = nomad([
          specOf({ name: 'web', listen_timeout: Math.max(1, listen_timeout), rollout }),
        ]).objects;
        const update = job?.['Update'] as Record<string, number>;
        const { MinHealthyTime = 0, HealthyDeadline = 0, ProgressDeadline = 0 } = update;
        expect(MinHealthyTime).toBeLessThan(HealthyDeadline);
        expect(HealthyDeadline).toBeLessThan(ProgressDeadline);
      }),
    );
  });
});
