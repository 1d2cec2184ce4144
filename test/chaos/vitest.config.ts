import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/chaos/whole.chaos.ts'],
    pool: 'forks',
    disableConsoleIntercept: true,
    globalSetup: ['test/support/global-setup.ts', 'test/chaos/harness/whole-setup.ts'],
    reporters: ['verbose'],
  },
});
