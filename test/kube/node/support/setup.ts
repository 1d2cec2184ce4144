import { execFileSync } from 'node:child_process';
import { startControlPlane } from '../../lab/control-plane.ts';
import { ownNetwork, startNode } from './node.ts';
import { startRegistry } from './registry.ts';

/** Has a cluster with a node and a registry there for as long as the tests run. */
export default async function setup(): Promise<() => Promise<void>> {
  const programs = process.env['STATEWARD_KUBE'];
  if (programs === undefined || process.env['KUBE_CGROUP'] === undefined)
    throw new Error('npm run test:kube runs these tests');
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    ownNetwork();
    execFileSync('hostname', ['lab-node']);
    const registry = await startRegistry();
    ends.push(() => registry.stop());
    const plane = await startControlPlane(programs, 'real');
    ends.push(() => plane.stop());
    const node = await startNode({ plane, programs, pause: `${registry.host}/base/node:1` });
    ends.push(() => node.stop());
    process.env['KUBE_LAB'] = plane.folder;
    process.env['KUBE_RELEASE'] = plane.release;
    process.env['KUBE_REGISTRY'] = registry.host;
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
