import { describe, expect, it } from 'vitest';
import { createStyle } from '../../src/cli/views/text/terminal.ts';
import { renderDescription } from '../../src/cli/views/describe/describe.ts';
import { EXITED, NOW_MS, app, instance } from './support/fixtures.ts';
import { specOf } from '../spec/support/context.ts';

describe('the description of an app', () => {
  it('has facts, conditions, holds, instances and events', async () => {
    const broken = app('api', {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'BackOff',
          message: 'waits',
          lastTransitionTime: '2026-01-01T11:00:00.000Z',
        },
      ],
      override: { instances: 2, by: 'ada', at: '2026-01-01T11:00:00.000Z' },
      holds: [
        { key: 'shop/api', slot: 0, reason: 'BackOff', message: 'back-off, attempt 2', until: null },
        { key: 'shop/api', slot: null, reason: 'DependencyNotReady', message: 'db not ready', until: null },
      ],
      instances: [
        instance({
          lastExit: { code: 1, signal: null, reason: 'Exited', at: '2026-01-01T11:30:00.000Z', error: null },
        }),
        instance({
          id: 1,
          slot: 1,
          pid: null,
          state: 'waiting',
          lastExit: {
            code: null,
            signal: null,
            reason: 'StartFailed',
            at: '2026-01-01T11:59:00.000Z',
            error: 'spawn: ENOENT \u001b[2J',
          },
        }),
      ],
    });
    const events = [EXITED];
    const text = await renderDescription(broken, events, { style: createStyle(false), nowMs: NOW_MS });
    expect(text).toMatchInlineSnapshot(`
      "App:         shop/api
      Sync:        Synced
      Health:      Healthy
      Ready:       1/1
      Generation:  3 (converged to 3)
      Revision:    42
      Created:     2025-12-29T12:00:00.000Z (3d ago)
      Override:    instances: 2 (by ada, 2026-01-01T11:00:00.000Z; the next apply resets it)
      Out log:     /logs/shop/api-out.log
      Error log:   /logs/shop/api-error.log

      Conditions:
        TYPE   STATUS  REASON   SINCE  MESSAGE
        Ready  False   BackOff  60m    waits

      Waiting for:
        slot 0: back-off, attempt 2
        app: db not ready

      Instances:
        ID  SLOT  REVISION  CODE  PID   PORT  STATE    READY  RESTARTS  REASONS  CPU   MEM  UPTIME  LAST EXIT
        0   0     -         -     4242  -     running  yes    0         -        0.3%  45M  60m     code 1, Exited (30m ago)
        1   1     -         -     -     -     waiting  yes    0         -        0.3%  45M  -       spawn: ENOENT \\x1b[2J (60s ago)

      Events:
        2026-01-01T11:59:00.000Z  warning  shop/api:0  Exited: exited with code 1
      "
    `);
  });

  it('has the rollout, and both processes of the slot that is in replacement', async () => {
    const rolling = app('web', {
      rollout: {
        ...{ state: 'paused', generation: 3, revision: 42, updatedInstances: 1, totalInstances: 2 },
        ...{ startedAt: '2026-01-01T11:59:00.000Z', endedAt: null, pausedBy: 'stateward' },
        ...{ reason: 'Exited', message: 'slot 1 exited with code 1 after 0.2s' },
        logLines: [
          { stream: 'out', line: 'connecting' },
          { stream: 'err', line: 'Error: boom' },
        ],
      },
      instances: [instance({ pid: 11, revision: 41 }), instance({ pid: 12, revision: 42, ready: false })],
    });
    const text = await renderDescription(rolling, [], { style: createStyle(false), nowMs: NOW_MS });
    expect(text.slice(text.indexOf('Rollout:'))).toMatchInlineSnapshot(`
      "Rollout:
        State:      paused
        Revision:   42
        Updated:    1 of 2
        Started:    2026-01-01T11:59:00.000Z (60s ago)
        Paused by:  stateward
        Failure:    slot 1 exited with code 1 after 0.2s
        Output:     out | connecting
                    err | Error: boom

      Instances:
        ID  SLOT  REVISION  CODE  PID  PORT  STATE    READY  RESTARTS  REASONS  CPU   MEM  UPTIME  LAST EXIT
        0   0     41        -     11   -     running  yes    0         -        0.3%  45M  60m     -
        0   0     42        -     12   -     running  no     0         -        0.3%  45M  60m     -
      "
    `);
  });

  it('leaves sections out that would be empty', async () => {
    const quiet = app('api', { instances: [] });
    const text = await renderDescription(quiet, [], { style: createStyle(false), nowMs: NOW_MS });
    expect(text).not.toMatch(/Conditions|Waiting|Instances|Declared|Events/);
  });

  it('says how connections are shared out in cluster mode alone', async () => {
    const view = { style: createStyle(false), nowMs: NOW_MS };
    const [cluster, fork] = await Promise.all(
      (['cluster', 'fork'] as const).map((mode) =>
        renderDescription(app('api', {}, { spec: specOf({ name: 'api', exec_mode: mode }) }), [], view),
      ),
    );
    expect(cluster).toMatch(/^Balance: +one queue for all instances, which take turns/m);
    expect(fork).not.toContain('Balance:');
  });
});
