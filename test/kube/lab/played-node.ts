import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { at, listAt, textAt } from '../../../src/targets/kubernetes/live/fields.ts';
import type { LabApi } from './api.ts';

export const NODE = 'played-1';
const MERGE = 'application/merge-patch+json';

/**
 * A node of which the API server, the controllers and the scheduler cannot tell that nothing runs there. What an image is
 * called decides what becomes of its pods: `*:crash` (keeps ending), `*:nopull`, `*:slow` (never ready). Jobs end at once.
 */
export class PlayedNode {
  readonly #api: LabApi;
  readonly #kubelet: Server;
  #watch: IncomingMessage | null = null;
  #stopped = false;

  private constructor(api: LabApi, kubelet: Server) {
    this.#api = api;
    this.#kubelet = kubelet;
  }

  static async start(api: LabApi, folder: string): Promise<PlayedNode> {
    const certificate = {
      cert: readFileSync(join(folder, 'certs/apiserver.crt')),
      key: readFileSync(join(folder, 'certs/apiserver.key')),
    };
    const kubelet = createServer(certificate, answerLog);
    await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
    const { port } = kubelet.address() as AddressInfo;
    const node = new PlayedNode(api, kubelet);
    await api.ok('POST', '/api/v1/nodes', { metadata: { name: NODE } });
    // New nodes are kept free until somebody who looks after them says that they are ready.
    await api.ok('PATCH', `/api/v1/nodes/${NODE}`, { spec: { taints: null } }, MERGE);
    const room = { cpu: '1000', memory: '1000Gi', pods: '1000' };
    const status = {
      ...{ capacity: room, allocatable: room },
      conditions: [condition('Ready', true)],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    };
    await api.ok('PATCH', `/api/v1/nodes/${NODE}/status`, { status }, MERGE);
    void node.#run();
    return node;
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.destroy();
    this.#kubelet.closeAllConnections();
    this.#kubelet.close();
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        this.#watch = await this.#api.open(
          'GET',
          `/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D${NODE}`,
        );
        this.#watch.setEncoding('utf8');
        let rest = '';
        for await (const chunk of this.#watch) {
          const lines = `${rest}${String(chunk)}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) void this.#seen(JSON.parse(line));
        }
      } catch (error) {
        if (!this.#isStopped()) console.error('the node of the lab:', error);
      }
    }
  }

  /** What a kubelet would say of a pod, once: that it is gone, or how its container is. */
  async #seen(event: unknown): Promise<void> {
    const pod = at(event, 'object');
    const path = `/api/v1/namespaces/${textAt(pod, 'metadata', 'namespace')}/pods/${textAt(pod, 'metadata', 'name')}`;
    if (at(event, 'type') === 'DELETED') return;
    if (at(pod, 'metadata', 'deletionTimestamp') !== undefined) {
      await this.#api.ask('DELETE', path, { gracePeriodSeconds: 0 });
    } else if (listAt(pod, 'status', 'containerStatuses').length === 0) {
      await this.#api.ask('PATCH', `${path}/status`, { status: statusOf(pod) }, MERGE);
    }
  }
}

function statusOf(pod: unknown): unknown {
  const [container] = listAt(pod, 'spec', 'containers');
  const image = textAt(container, 'image') ?? '';
  const [, how = ''] = /:([^:/]*)$/.exec(image) ?? [];
  const now = new Date().toISOString();
  const exit = { exitCode: how === 'crash' ? 7 : 0, reason: how === 'crash' ? 'Error' : 'Completed' };
  const terminated = { ...exit, startedAt: now, finishedAt: now };
  const isJob = at(pod, 'spec', 'restartPolicy') === 'Never';
  const isReady = !isJob && !['crash', 'nopull', 'slow'].includes(how);
  const state =
    how === 'nopull'
      ? { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } }
      : isJob
        ? { terminated }
        : how === 'crash'
          ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }
          : { running: { startedAt: now } };
  const phase = how === 'nopull' ? 'Pending' : !isJob ? 'Running' : how === 'crash' ? 'Failed' : 'Succeeded';
  return {
    phase,
    startTime: now,
    conditions: [
      ...['PodScheduled', 'Initialized'].map((type) => condition(type, true)),
      ...['ContainersReady', 'Ready'].map((type) => condition(type, isReady)),
    ],
    containerStatuses: [
      {
        ...{ name: textAt(container, 'name'), image, imageID: '', ready: isReady, state },
        restartCount: how === 'crash' && !isJob ? 3 : 0,
        ...(how === 'crash' && !isJob && { lastState: { terminated } }),
      },
    ],
  };
}

function condition(type: string, holds: boolean): unknown {
  return { type, status: holds ? 'True' : 'False', lastTransitionTime: new Date().toISOString() };
}

/** `/containerLogs/NAMESPACE/POD/CONTAINER`, asked by the API server. */
function answerLog({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'https://localhost');
  const [, , , pod] = pathname.split('/');
  const which = searchParams.get('previous') === 'true' ? 'last words' : 'words';
  const lines = [1, 2, 3].map(
    (second) => `2026-01-01T00:00:0${second}.000000001Z ${which} ${second} of ${pod ?? ''}`,
  );
  const asked = Number(searchParams.get('tailLines') ?? lines.length);
  response.end(
    lines
      .slice(-asked)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
