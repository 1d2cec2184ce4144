import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Host, type Ran } from '../../support/host.ts';
import { LabApi } from './api.ts';

const FOLDER = process.env['KUBE_LAB'] ?? '';
/** 20 is 1.20, of the server. */
const MINOR = Number((process.env['KUBE_RELEASE'] ?? '').split('.')[1]);

/** How long the cluster may take for what it does by itself: far more than it does. */
const CLUSTER_MS = 90_000;

/** Paths of kinds in a namespace. */
const PATHS: Readonly<Record<string, string>> = {
  pods: '/api/v1',
  services: '/api/v1',
  configmaps: '/api/v1',
  serviceaccounts: '/api/v1',
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  jobs: '/apis/batch/v1',
  cronjobs: MINOR < 21 ? '/apis/batch/v1beta1' : '/apis/batch/v1',
  poddisruptionbudgets: MINOR < 21 ? '/apis/policy/v1beta1' : '/apis/policy/v1',
  horizontalpodautoscalers: '/apis/autoscaling/v1',
};

/** A host whose apps go to a namespace of their own in the cluster of the lab. `await using` it. */
export class LabCluster extends Host {
  readonly namespace = `t-${randomBytes(4).toString('hex')}`;
  readonly api = new LabApi(FOLDER);
  /** Of a command that is to find the cluster. */
  readonly environment = { KUBECONFIG: join(FOLDER, 'kubeconfig') };

  static async start(): Promise<LabCluster> {
    const cluster = new LabCluster();
    for (const script of ['api.js', 'db.js', 'web.js', 'job.js']) cluster.write(script, '');
    await cluster.open();
    return cluster;
  }

  protected async open(): Promise<void> {
    await this.api.ok('POST', '/api/v1/namespaces', { metadata: { name: this.namespace } });
    // Nothing can be made of a pod before.
    await this.until(async () => (await this.find('serviceaccounts', 'default')) !== null);
  }

  /** Declares apps of the project `shop` for this namespace. */
  declareThere(
    apps: readonly Record<string, unknown>[],
    { image = 'registry.test/shop:1', context = 'lab' }: { image?: string; context?: string } = {},
  ): void {
    this.declareFor({ context, image }, apps);
  }

  /** The same with these settings of the target. */
  declareFor(settings: Record<string, unknown>, apps: readonly Record<string, unknown>[]): void {
    const { namespace } = this;
    const targets = { kubernetes: { context: 'lab', namespace, ...settings } };
    const file = { project: 'shop', targets, apps: apps.map((app) => ({ stop_signal: 'SIGTERM', ...app })) };
    this.write('ecosystem.yaml', JSON.stringify(file));
  }

  /** Runs a verb with `--target kubernetes`. */
  async there(...args: readonly string[]): Promise<Ran> {
    return this.run([...args, '--target', 'kubernetes'], { env: this.environment });
  }

  /** Whether the server is of an older release than 1.`minor`. */
  isBefore(minor: number): boolean {
    return MINOR < minor;
  }

  pathOf(plural: string, name?: string): string {
    const path = `${PATHS[plural] ?? ''}/namespaces/${this.namespace}/${plural}`;
    return name === undefined ? path : `${path}/${name}`;
  }

  /** null: there is none. */
  async find(plural: string, name: string): Promise<Record<string, unknown> | null> {
    const { status, body } = await this.api.ask('GET', this.pathOf(plural, name));
    return status === 404 ? null : body;
  }

  /** Names of the objects of a kind. */
  async names(plural: string): Promise<readonly string[]> {
    const { items } = (await this.api.ok('GET', this.pathOf(plural))) as {
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
    };
    return items.map(({ metadata }) => metadata.name);
  }

  /** Changes an object as somebody else. `part`: `scale`, `status`. */
  async change(plural: string, name: string, patch: unknown, manager = 'hand', part = ''): Promise<void> {
    const path = `${this.pathOf(plural, name)}${part === '' ? '' : `/${part}`}?fieldManager=${manager}`;
    await this.api.ok('PATCH', path, patch, 'application/merge-patch+json');
  }

  /** Waits for something that the cluster does by itself. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + CLUSTER_MS;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`not so within ${CLUSTER_MS} ms: ${holds.toString()}`);
      await sleep(100);
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.api.ask('DELETE', `/api/v1/namespaces/${this.namespace}`);
    this.api.close();
    await super[Symbol.asyncDispose]();
  }
}
