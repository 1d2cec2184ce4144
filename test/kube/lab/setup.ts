import { startControlPlane } from './control-plane.ts';
import { PlayedNode } from './played-node.ts';

/** Has a cluster there for as long as the tests run. */
export default async function setup(): Promise<() => Promise<void>> {
  const programs = process.env['STATEWARD_KUBE'];
  if (programs === undefined) throw new Error('npm run test:kube runs these tests');
  const plane = await startControlPlane(programs, 'played');
  process.env['KUBE_LAB'] = plane.folder;
  process.env['KUBE_RELEASE'] = plane.release;
  const node = await PlayedNode.start(plane.api, plane.folder);
  return async () => {
    node.stop();
    plane.api.close();
    await plane.stop();
  };
}
