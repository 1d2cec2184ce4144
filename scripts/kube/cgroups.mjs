import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const CGROUPS = '/sys/fs/cgroup';
const PREFIX = 'stw-kube-';

/** Makes a cgroup in every hierarchy, below which a node puts its pods; gives its name. What earlier ones have left is removed. */
export function makeCgroups() {
  removeCgroups();
  const name = `${PREFIX}${process.pid}`;
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, name);
    mkdirSync(folder);
    // Without processors and memory of its own no process can be put into one.
    if (hierarchy.endsWith('/cpuset'))
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(folder, file), readFileSync(join(hierarchy, file)));
  }
  return name;
}

/** Removes those in which nothing runs; gives how many are left. */
export function removeCgroups() {
  const ours = hierarchies().flatMap((hierarchy) =>
    readdirSync(hierarchy)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => join(hierarchy, name)),
  );
  return ours.filter((folder) => !isRemoved(folder)).length;
}

function hierarchies() {
  return readdirSync(CGROUPS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(CGROUPS, name));
}

/** The files of a cgroup are no obstacle; what is below it, and what runs in it, is. */
function isRemoved(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) isRemoved(join(folder, entry.name));
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
