import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, listAt } from '../../../../src/targets/kubernetes/live/fields.ts';
import type { ControlPlane } from '../../lab/control-plane.ts';
import { ProgramGroup } from '../../lab/program-group.ts';

const ADDRESS = '10.77.0.1';
const READY_MS = 120_000;

/** What kubelet wants of the kernel, and would set for the whole machine. */
const WANTED: Readonly<Record<string, string>> = {
  '/proc/sys/vm/overcommit_memory': '1',
  '/proc/sys/vm/panic_on_oom': '0',
  '/proc/sys/kernel/panic': '10',
  '/proc/sys/kernel/panic_on_oops': '1',
  '/proc/sys/kernel/keys/root_maxkeys': '1000000',
  '/proc/sys/kernel/keys/root_maxbytes': '25000000',
};

/** A node on which pods run, in the namespaces of this process. */
export interface RealNode {
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly plane: ControlPlane;
  /** The folder of those of Kubernetes. */
  readonly programs: string;
  /** Of the image that holds the network of a pod, and does nothing else. */
  readonly pause: string;
}

/** Starts containerd, kubelet and kube-proxy, and waits until pods may come. */
export async function startNode({ plane, programs, pause }: NodeOptions): Promise<RealNode> {
  const folder = join(plane.folder, 'node');
  for (const name of ['cni', 'opt', 'kubelet', 'certs']) mkdirSync(join(folder, name), { recursive: true });
  ownMounts(folder);
  // Without the mark of this run: what containers leave behind ends with the namespace of processes.
  const group = new ProgramGroup(folder, { PATH: process.env['PATH'], HOME: folder });
  try {
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const socket = join(folder, 'containerd.sock');
    write('cni/10-bridge.conflist', JSON.stringify(networkOf(folder)));
    group.start('containerd', ['--config', write('containerd.toml', containerdOf(folder, socket, pause))]);
    const kubeconfig = join(plane.folder, 'kubeconfig');
    group.start(join(programs, 'kubelet'), [
      ...['--config', write('kubelet.yaml', JSON.stringify(kubeletOf())), '--kubeconfig', kubeconfig],
      // What it speaks with is not for it to choose since 1.24.
      ...(Number(plane.release.split('.')[1]) < 24 ? ['--container-runtime=remote'] : []),
      ...['--container-runtime-endpoint', `unix://${socket}`, '--root-dir', join(folder, 'kubelet')],
      ...['--cert-dir', join(folder, 'certs'), '--node-ip', ADDRESS],
    ]);
    group.start(join(programs, 'kube-proxy'), [
      '--config',
      write('proxy.yaml', JSON.stringify(proxyOf(kubeconfig))),
    ]);
    await readyNode(plane, folder);
    return { stop: () => group.stop() };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** An address of its own, and a way out for what kube-proxy sends elsewhere. */
export function ownNetwork(): void {
  const ip = (...args: readonly string[]): unknown => execFileSync('ip', args);
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ip('address', 'add', `${ADDRESS}/24`, 'dev', 'v0');
  for (const name of ['v0', 'v1']) ip('link', 'set', name, 'up');
  ip('route', 'add', 'default', 'dev', 'v0');
}

/** What a node writes at places of the machine goes to places of its own. */
function ownMounts(folder: string): void {
  const mount = (...args: readonly string[]): unknown => execFileSync('mount', args);
  mount('--make-rslave', '/');
  mount('--make-rshared', '/');
  for (const path of ['/run', '/var/log']) mount('-t', 'tmpfs', 'tmpfs', path);
  mkdirSync('/run/lib/upper', { recursive: true });
  mkdirSync('/run/lib/work');
  mount(
    '-t',
    'overlay',
    'overlay',
    '-o',
    'lowerdir=/var/lib,upperdir=/run/lib/upper,workdir=/run/lib/work',
    '/var/lib',
  );
  for (const [index, [path, value]] of Object.entries(WANTED).entries()) {
    const file = join(folder, `kernel-${index}`);
    writeFileSync(file, `${value}\n`);
    mount('--bind', file, path);
  }
}

function networkOf(folder: string): unknown {
  const ranges = [[{ subnet: '10.244.0.0/24' }]];
  const ipam = {
    type: 'host-local',
    ranges,
    routes: [{ dst: '0.0.0.0/0' }],
    dataDir: join(folder, 'addresses'),
  };
  return {
    ...{ cniVersion: '0.4.0', name: 'lab' },
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function containerdOf(folder: string, socket: string, pause: string): string {
  const cri = '[plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
${cri}]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
${cri}.containerd]
  snapshotter = "overlayfs"
${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
${cri}.cni]
  bin_dir = "${process.env['KUBE_CNI'] ?? ''}"
  conf_dir = "${folder}/cni"
`;
}

function kubeletOf(): unknown {
  const little = { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' };
  return {
    ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
    // The namespace of the network is what keeps others out.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    ...{ authorization: { mode: 'AlwaysAllow' }, address: '0.0.0.0' },
    ...{ cgroupDriver: 'cgroupfs', cgroupRoot: `/${process.env['KUBE_CGROUP'] ?? ''}`, oomScoreAdj: 0 },
    ...{
      enforceNodeAllocatable: [],
      evictionHard: little,
      imageGCHighThresholdPercent: 100,
      failSwapOn: false,
    },
    ...{ clusterDNS: ['10.96.0.10'], nodeStatusUpdateFrequency: '4s' },
  };
}

function proxyOf(kubeconfig: string): unknown {
  const zero = '0s';
  return {
    ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
    ...{ clientConnection: { kubeconfig }, mode: 'iptables', clusterCIDR: '10.244.0.0/16', oomScoreAdj: 0 },
    // What holds for the whole machine stays as it is.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: zero, tcpCloseWaitTimeout: zero },
  };
}

async function readyNode({ api }: ControlPlane, folder: string): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    const { body } = await api.ask('GET', `/api/v1/nodes/${hostname().toLowerCase()}`);
    const isReady = listAt(body, 'status', 'conditions').some(
      (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
    );
    if (isReady) return;
    await sleep(300);
  }
  const said = readFileSync(join(folder, 'kubelet.log'), 'utf8').trim().split('\n').slice(-5);
  throw new Error(`the node of the lab does not become ready:\n${said.join('\n')}`);
}
