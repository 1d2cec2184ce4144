import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabApi } from './api.ts';

const READY_MS = 120_000;

/** etcd, API server, controller manager and scheduler on loopback, with credentials of their own in a folder of their own. */
export interface ControlPlane {
  readonly folder: string;
  readonly api: LabApi;
  /** `1.20` */
  readonly release: string;
  stop(): Promise<void>;
}

/** `programs`: the folder of those of Kubernetes. */
export async function startControlPlane(programs: string): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'stw-kube-lab-'));
  const running: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of running.toReversed()) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  // None of them outlives whoever has started them, however that ends.
  const start = (name: string, args: readonly string[]): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    const program = name === 'etcd' ? name : join(programs, name);
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
      cwd: folder,
      stdio: ['ignore', log, log],
    });
    running.push(child);
    return child;
  };
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
    // The node is played, and says nothing of how it is.
    const controllers = ['--controllers=*,-nodelifecycle', '--service-account-private-key-file', 'sa.key'];
    start('kube-controller-manager', [...own, ...controllers]);
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

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    // There is nothing here that would have to be kept.
    child.kill('SIGKILL');
  });
}

/** `1.20` of `Kubernetes v1.20.2` */
function releaseOf(program: string): string {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return /v(\d+\.\d+)/.exec(said)?.[1] ?? '0.0';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
