import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/kube/*.kube.ts'],
    pool: 'forks',
    maxWorkers: 2,
    disableConsoleIntercept: true,
    globalSetup: ['test/support/global-setup.ts', 'test/kube/lab/setup.ts'],
    reporters: ['verbose'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
