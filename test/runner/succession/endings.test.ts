import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { FailpointName } from '../../../src/lib/failpoints/names.ts';
import { ClusterRig } from '../../support/runner/cluster-rig.ts';
import { eventually } from '../../support/eventually.ts';
import { fileText } from '../../support/files.ts';

/** While one of the two runners stands still here, a process ends that only the old one sees. */
const MOMENTS: readonly FailpointName[] = [
  'upgrade.loaded',
  'upgrade.frozen',
  'upgrade.found',
  'upgrade.restored',
  'upgrade.released',
  'upgrade.begun',
];

test.each(MOMENTS)(
  'of a process that ends at %s the code is known, and all that it wrote',
  async (moment) => {
    const fault = join(mkdtempSync('/tmp/stw-fault-'), 'fault');
    const rig = await ClusterRig.start({ env: { STATEWARD_FAILPOINT: `@${fault}` } });
    try {
      const { child, instance } = await rig.runner.launch();
      await child.write('stdout', 'half');
      writeFileSync(fault, `${moment}:delay=1500`);
      const handed = rig.runner.upgrade();
      await eventually(() => existsSync(`${fault}.fired`));
      await child.write('stdout', ' a line\n');
      child.exit(7);
      await handed;
      const { exit } = await rig.line(instance, ({ state }) => state === 'exited');
      expect(exit).toMatchObject({ code: 7, signal: null, requested: false });
      expect(await fileText(rig.runner.logOf(instance), 'line\n')).toBe('half a line\n');
    } finally {
      await rig.close();
      rmSync(dirname(fault), { recursive: true });
    }
  },
);
