import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProxiedCluster } from '../../../src/targets/kubernetes/cluster/proxied-cluster.ts';
import { refusal } from '../../../src/targets/kubernetes/cluster/refusals.ts';

const PLACE = { context: 'lab', namespace: 'shop', kubeconfig: null };

/** Answers as a recorded server did. */
async function served(answer: RequestListener, use: (socket: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stw-socket-'));
  const socket = join(folder, 's');
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    await use(socket);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

describe('a cluster', () => {
  it('that takes too long is one that cannot be reached', async () => {
    await served(
      () => undefined,
      async (socket) => {
        const opened = await ProxiedCluster.open(socket, PLACE, 50);
        expect(opened).toMatchObject({ ok: false, error: { code: 'TARGET_UNREACHABLE' } });
      },
    );
  });

  it('that answers with something else is none', async () => {
    await served(
      (_, response) => response.end('<html>log in</html>'),
      async (socket) => {
        expect(await ProxiedCluster.open(socket, PLACE)).toMatchObject({
          ok: false,
          error: {
            code: 'TARGET_UNREACHABLE',
            message: expect.stringContaining('as a cluster does') as string,
          },
        });
      },
    );
  });

  it('is asked for the newest version of a kind that both know, and has none of what it does not know', async () => {
    const asked: string[] = [];
    const groups = [
      { name: 'apps', versions: [{ version: 'v1' }] },
      { name: 'policy', versions: [{ version: 'v1beta1' }] },
      { name: 'batch', versions: [{ version: 'v1' }, { version: 'v1beta1' }] },
    ];
    // Kubernetes 1.20: batch/v1 is there, and has no CronJob yet.
    const answers: Readonly<Record<string, unknown>> = {
      '/apis': { kind: 'APIGroupList', groups },
      '/version': { major: '1', minor: '20+' },
      '/apis/batch/v1': { kind: 'APIResourceList', resources: [{ name: 'jobs' }, { name: 'jobs/status' }] },
    };
    const items = [{ metadata: { name: 'report' } }];
    await served(
      ({ url = '', method }, response) => {
        asked.push(`${method ?? ''} ${url}`);
        const list = { kind: 'List', apiVersion: 'batch/v1beta1', items };
        response.end(JSON.stringify(answers[url] ?? list));
      },
      async (socket) => {
        const opened = await ProxiedCluster.open(socket, PLACE);
        if (!opened.ok) throw new Error(opened.error.message);
        expect(opened.value.minor).toBe(20);
        await opened.value.list('PodDisruptionBudget', 'a=b');
        // What an item is, the list says.
        expect(await opened.value.list('CronJob')).toEqual({
          ok: true,
          value: [{ apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata: { name: 'report' } }],
        });
        expect(await opened.value.list('HorizontalPodAutoscaler')).toEqual({ ok: true, value: [] });
        expect(asked.toSorted()).toEqual([
          'GET /apis',
          'GET /apis/batch/v1',
          'GET /apis/batch/v1beta1/namespaces/shop/cronjobs',
          'GET /apis/policy/v1beta1/namespaces/shop/poddisruptionbudgets?labelSelector=a%3Db',
          'GET /version',
        ]);
        const scaler = { apiVersion: 'v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' } };
        expect(await opened.value.apply(scaler, { dryRun: true, force: false })).toMatchObject({
          ok: false,
          error: { code: 'TARGET_REFUSED' },
        });
      },
    );
  });
});

describe('a refusal', () => {
  const said = (code: number, status: Record<string, unknown>): unknown =>
    refusal(
      { status: code, body: JSON.stringify({ kind: 'Status', code, ...status }) },
      'Deployment/api',
      PLACE,
    );

  it.each<[string, number, Record<string, unknown>, Record<string, unknown>]>([
    [
      'a field of two managers',
      409,
      {
        message: 'Apply failed with 2 conflicts',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl-edit" using apps/v1',
              field: '.spec.replicas',
            },
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "hpa" using apps/v1',
              field: '.spec.paused',
            },
          ],
        },
      },
      {
        code: 'TARGET_CONFLICT',
        message: 'Deployment/api: spec.replicas is set by kubectl-edit',
        details: ['spec.paused is set by hpa'],
      },
    ],
    [
      'a field that its release does not know',
      500,
      { message: 'failed to create typed patch object: .spec.timeZone: field not declared in schema' },
      { code: 'TARGET_REFUSED', message: 'Deployment/api: the cluster knows no field spec.timeZone' },
    ],
    [
      'a value that is none',
      422,
      { message: 'Deployment.apps "api" is invalid: spec.replicas: Invalid value: -1' },
      { code: 'TARGET_REFUSED', message: expect.stringContaining('Invalid value: -1') },
    ],
    ['a server that is busy', 503, { message: 'etcd is not there' }, { code: 'TARGET_UNREACHABLE' }],
    ['somebody who may not', 403, { message: 'forbidden' }, { code: 'PERMISSION' }],
  ])('of %s is told as such', (_, code, status, failure) => {
    expect(said(code, status)).toMatchObject(failure);
  });
});
