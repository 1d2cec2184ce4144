import { describe, expect, it } from 'vitest';
import { stopWaves } from '../../../src/controller/context/stop-waves.ts';
import type { AppKey } from '../../../src/lib/app-key.ts';

function waves(
  dependencies: Readonly<Record<string, readonly string[]>>,
  running = Object.keys(dependencies),
) {
  const keys = running.map((name): AppKey => `shop/${name}`);
  return stopWaves(keys, (key) => dependencies[key.slice('shop/'.length)] ?? []);
}

describe('stopping everything', () => {
  it('ends dependents before what they depend on', () => {
    expect(waves({ db: [], api: ['db'], web: ['api'], cron: [] })).toEqual([
      ['shop/web', 'shop/cron'],
      ['shop/api'],
      ['shop/db'],
    ]);
  });

  it('keeps the order of a chain whose middle does not run', () => {
    expect(waves({ db: [], api: ['db'], web: ['api'] }, ['db', 'web'])).toEqual([['shop/web'], ['shop/db']]);
  });

  it('ends a circle all the same', () => {
    expect(waves({ a: ['b'], b: ['a'] })).toEqual([['shop/a', 'shop/b']]);
  });
});
