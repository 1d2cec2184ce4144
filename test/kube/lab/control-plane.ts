import { execFileSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { LabApi } from './api.ts';
import { ProgramGroup } from './program-group.ts';

const READY_MS = 120_000;

/** etcd, API server, controller manager and scheduler on loopback, with credentials of their own in a folder of their own. */
export interface ControlPlane {
  readonly folder: string;
  readonly api: LabApi;
  /** `1.20` */
  readonly release: string;
  stop(): Promise<void>;
}

/** `programs`: the folder of those of Kubernetes. `node`: whether the controllers watch how nodes are, or leave that to a test. */
export async function startControlPlane(programs: string, node: 'played' | 'real'): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'stw-kube-lab-'));
  const group = new ProgramGroup(folder);
  const stop = async (): Promise<void> => {
    await group.stop();
    // What is mounted below it goes with the namespaces of a node, and the folder with what has made them.
    if (node === 'played') rmSync(folder, { recursive: true, force: true });
  };
  const start = (name: string, args: readonly string[]): ChildProcess =>
    group.start(name === 'etcd' ? name : join(programs, name), args);
  try {
    const release = releaseOf(join(programs, 'kube-apiserver'));
    const [client, peer, secure] = await Promise.all([freePort(), freePort(), freePort()]);
    writeCredentials(folder, `https://127.0.0.1:${secure}`);
    start('etcd', etcdArgs(`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`));
    const server = start('kube-apiserver', apiServerArgs(client, secure));
    await readyServer(folder, server);
    // Before 1.24 they have a port for everybody too, unless they are told not to.
    const closed = Number(release.split('.')[1]) < 24 ? ['--port=0', '--secure-port=0'] : ['--secure-port=0'];
    const own = ['--kubeconfig', 'kubeconfig', '--leader-elect=false', ...closed];
    // A node that is played says nothing of how it is.
    const controllers = node === 'real' ? '--controllers=*' : '--controllers=*,-nodelifecycle';
    start('kube-controller-manager', [
      ...[...own, controllers],
      ...['--service-account-private-key-file', 'sa.key'],
    ]);
    start('kube-scheduler', own);
    const api = new LabApi(folder);
    return { folder, api, release, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdArgs(client: string, peer: string): readonly string[] {
  return [
    ...['--data-dir', 'etcd', '--unsafe-no-fsync', '--logger', 'zap'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ];
}

function apiServerArgs(etcd: number, secure: number): readonly string[] {
  return [
    ...['--etcd-servers', `http://127.0.0.1:${etcd}`],
    ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1', '--secure-port', String(secure)],
    ...['--cert-dir', 'certs', '--token-auth-file', 'tokens.csv', '--authorization-mode', 'RBAC'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', 'sa.key', '--service-account-signing-key-file', 'sa.key'],
    ...['--service-cluster-ip-range', '10.96.0.0/16', '--endpoint-reconciler-type', 'none'],
    ...['--kubelet-preferred-address-types', 'InternalIP'],
  ];
}

/** Tokens of the one who may everything and of one who may read, a kubeconfig with both, and the key of service accounts. */
function writeCredentials(folder: string, url: string): void {
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  write('sa.key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  const [token, reader] = [randomUUID(), randomUUID()];
  write('tokens.csv', `${token},admin,1,"system:masters"\n${reader},ann,2\n`);
  write('api.json', JSON.stringify({ url, token }));
  const cluster = { server: url, 'certificate-authority': join(folder, 'certs/apiserver.crt') };
  const context = (name: string, user: string): unknown => ({ name, context: { cluster: 'lab', user } });
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config' },
    clusters: [{ name: 'lab', cluster }],
    users: [
      { name: 'admin', user: { token } },
      { name: 'ann', user: { token: reader } },
    ],
    contexts: [context('lab', 'admin'), context('lab-ann', 'ann')],
    'current-context': 'lab',
  };
  write('kubeconfig', JSON.stringify(kubeconfig));
}

async function readyServer(folder: string, server: ChildProcess): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    if (server.exitCode !== null) break;
    // The certificate comes with the server.
    const isReady = await isServing(folder).catch(() => false);
    if (isReady) return;
    await sleep(200);
  }
  const said = readFileSync(join(folder, 'kube-apiserver.log'), 'utf8').trim().split('\n').slice(-5);
  throw new Error(`the API server of the lab does not come up:\n${said.join('\n')}`);
}

async function isServing(folder: string): Promise<boolean> {
  const api = new LabApi(folder);
  try {
    return (await api.ask('GET', '/readyz')).status === 200;
  } finally {
    api.close();
  }
}

/** `1.20` of `Kubernetes v1.20.2` */
function releaseOf(program: string): string {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return /v(\d+\.\d+)/.exec(said)?.[1] ?? '0.0';
}
