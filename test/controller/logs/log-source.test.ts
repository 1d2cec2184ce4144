import { expect, test } from 'vitest';
import type { LogSource } from '../../../src/lib/log-times/log-stamp.ts';
import { originOf, type Claim, type LogFile } from '../../../src/controller/logs/parts/log-source.ts';

const claim = (app: Claim['app'], slot = 0, stream: 'out' | 'err' = 'out'): Claim => ({ app, slot, stream });
const stamp = (app: string, slot = 0, stream: 'out' | 'err' = 'out'): LogSource => ({
  project: 'shop',
  app,
  slot,
  stream,
});

function file(claims: readonly Claim[], others: readonly Claim[] = []): LogFile {
  return { path: '/x', claims, others, keep: null };
}

const both = [claim('shop/api'), claim('shop/api', 0, 'err')];

test.each<[string, LogFile, LogSource | null, unknown]>([
  ['is of its app', file([claim('shop/api')]), null, { app: 'shop/api', slot: 0, stream: 'out' }],
  [
    'of several slots is of none',
    file([claim('shop/api'), claim('shop/api', 1)]),
    null,
    { app: 'shop/api', slot: null, stream: 'out' },
  ],
  [
    'is where the index says',
    file([claim('shop/api'), claim('shop/api', 1)]),
    stamp('api', 1),
    { app: 'shop/api', slot: 1, stream: 'out' },
  ],
  [
    'of a slot that is no more',
    file([claim('shop/api')]),
    stamp('api', 7),
    { app: 'shop/api', slot: 7, stream: 'out' },
  ],
  [
    'of a slot that was not asked for',
    file([claim('shop/api')], [claim('shop/api', 1)]),
    stamp('api', 1),
    null,
  ],
  [
    'of a stream that was not asked for',
    file([claim('shop/api')], [claim('shop/api', 0, 'err')]),
    stamp('api', 0, 'err'),
    null,
  ],
  ['of both streams', file(both), stamp('api', 0, 'err'), { app: 'shop/api', slot: 0, stream: 'err' }],
  [
    'of an app with another name by now',
    file([claim('shop/web')]),
    stamp('api'),
    { app: 'shop/web', slot: 0, stream: 'out' },
  ],
  ['of another app in the same file', file([claim('shop/web')], [claim('shop/api')]), stamp('api'), null],
  [
    'of nobody that is known, in a file of several',
    file([claim('shop/web'), claim('shop/x')]),
    stamp('api'),
    null,
  ],
])('a line %s', (_, of, source, expected) => {
  expect(originOf(of, source)).toEqual(expected);
});
