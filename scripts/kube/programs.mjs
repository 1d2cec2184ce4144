import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CGROUPS } from './cgroups.mjs';

/** Where the programs of a control plane are looked for, and built into. */
export const KUBE_FOLDER = process.env.STATEWARD_KUBE ?? '/var/cache/stateward-kube';

/** Where Debian and containerd's own packages have the plugins that connect pods. */
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

/** The programs of a control plane that are built; etcd and kubectl are packages of every distribution. */
const PLANE_PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
/** Those of a node. */
const NODE_PROGRAMS = ['kubelet', 'kube-proxy'];

/** All that are built. */
export const KUBE_PROGRAMS = [...PLANE_PROGRAMS, ...NODE_PROGRAMS];

/** What a control plane and its tests need and is not here. */
export function missingPrograms() {
  return missing(PLANE_PROGRAMS, ['etcd', 'kubectl', 'setpriv']);
}

/** Why no node can be had here, in a few words, or null. */
export function whyNoNode() {
  if (process.getuid?.() !== 0) return 'a node needs root';
  if (!existsSync(join(CGROUPS, 'memory'))) return 'a node needs cgroups of version 1, with memory';
  const names = ['containerd', 'runc', 'docker-registry', 'conntrack', 'iptables', 'ip', 'mount', 'unshare'];
  const none = [...missing(NODE_PROGRAMS, names), ...(cniFolder() === undefined ? ['CNI plugins'] : [])];
  if (none.length === 0) return null;
  return (
    `a node needs ${none.join(', ')} (npm run test:kube -- --build, and apt-get install containerd runc conntrack ` +
    'containernetworking-plugins docker-registry iptables iproute2)'
  );
}

/** undefined: there are none. */
export function cniFolder() {
  return CNI_FOLDERS.find(
    (folder) => isProgram(join(folder, 'bridge')) && isProgram(join(folder, 'portmap')),
  );
}

function missing(built, named) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const inPath = named.filter((name) => !folders.some((folder) => isProgram(join(folder, name))));
  return [...built.filter((name) => !isProgram(join(KUBE_FOLDER, name))), ...inPath];
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
