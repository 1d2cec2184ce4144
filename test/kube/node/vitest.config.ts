import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    include: ['test/kube/node/*.node.ts'],
    pool: 'forks',
    // One after the other: what requests lose is to be lost by a rollout, not by a machine that is busy.
    maxWorkers: 1,
    disableConsoleIntercept: true,
    globalSetup: ['test/support/global-setup.ts', 'test/kube/node/support/setup.ts'],
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
});
