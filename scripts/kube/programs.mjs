import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the programs of a control plane are looked for, and built into. */
export const KUBE_FOLDER = process.env.STATEWARD_KUBE ?? '/var/cache/stateward-kube';

/** The programs that are built; etcd and kubectl are packages of every distribution. */
export const KUBE_PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** What a control plane and its tests need and is not here. */
export function missingPrograms() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const inPath = ['etcd', 'kubectl', 'setpriv'].filter(
    (name) => !folders.some((folder) => isProgram(join(folder, name))),
  );
  return [...KUBE_PROGRAMS.filter((name) => !isProgram(join(KUBE_FOLDER, name))), ...inPath];
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
