import { expect, it } from 'vitest';
import { olderCode } from '../../../src/plan/explain/older-code.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

const change = { before: { id: 'aaaaaaa1' }, after: { id: 'bbbbbbb2' }, files: [] } as unknown as Parameters<
  typeof olderCode
>[0];
const reload = (on_change: readonly string[]): NonNullable<AppSpec['reload']> => ({
  signal: 'SIGHUP',
  command: null,
  timeout: 10_000,
  on_change,
});

it.each([
  ['an app whose processes are replaced', null, 'stateward reload shop/api'],
  ['one that reads its code again', reload(['code']), 'stateward reload shop/api'],
  ['one that keeps its processes', reload(['nginx.conf']), 'stateward restart shop/api'],
] as const)('names what runs newer code of %s', (_, said, command) => {
  const about = { key: 'shop/api', spec: { reload: said } } as const;
  expect(olderCode(change, { ...about, compared: true })).toContain(
    `; stateward apply rolls it out, ${command} too`,
  );
  expect(olderCode(change, { ...about, compared: false })).toContain(`; ${command} runs it`);
});
