import { describe, expect, test } from 'vitest';
import { closestNames } from '../../../src/lib/nearest.ts';
import { resolveSelectors, type CatalogueApp } from '../../../src/api/contract/selectors.ts';

function app(project: string, name: string, ids: readonly number[], namespace = 'default'): CatalogueApp {
  return {
    key: `${project}/${name}`,
    project,
    name,
    namespace,
    labels: {},
    slots: ids.map((id, slot) => ({ slot, id })),
  };
}

const CATALOGUE = [
  app('shop', 'api', [0, 1]),
  app('shop', 'web', [2], 'front'),
  app('shop', '7', [3]),
  app('shop', 'all-in', [4]),
  app('blog', 'api', [5]),
  app('blog', 'constructor', [6], 'shop'),
  app('blog', 'odd:1', [7, 8]),
];

function resolve(...selectors: readonly string[]): readonly string[] {
  const resolved = resolveSelectors(selectors, CATALOGUE);
  if (!resolved.ok) return [resolved.error.code];
  return resolved.value.map(({ key, slot }) => (slot === null ? key : `${key}:${slot}`));
}

describe('a selector', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['all', ['all'], CATALOGUE.map(({ key }) => key)],
    ['project/name', ['blog/api'], ['blog/api']],
    ['a name that one project has', ['web'], ['shop/web']],
    ['a name that several projects have', ['api'], ['SELECTOR_AMBIGUOUS']],
    ['name:slot', ['web:0'], ['shop/web:0']],
    ['project/name:slot', ['shop/api:1'], ['shop/api:1']],
    ['an ambiguous name with a slot', ['api:0'], ['SELECTOR_AMBIGUOUS']],
    ['a slot that is not there', ['web:3'], ['SELECTOR_NOT_FOUND']],
    ['an id', ['1'], ['shop/api:1']],
    ['a name that looks like an id', ['7'], ['shop/7']],
    ['an id of nothing', ['99'], ['SELECTOR_NOT_FOUND']],
    ['a regex on the name', ['/^a/'], ['shop/api', 'shop/all-in', 'blog/api']],
    ['a regex that matches nothing', ['/^zzz/'], ['SELECTOR_NOT_FOUND']],
    ['a broken regex', ['/(/'], ['USAGE']],
    ['a namespace', ['front'], ['shop/web']],
    [
      'a project whatever else is called so',
      ['shop/'],
      CATALOGUE.filter(({ project }) => project === 'shop').map(({ key }) => key),
    ],
    ['a project and a namespace of other apps', ['shop'], ['SELECTOR_AMBIGUOUS']],
    ['a project', ['blog'], ['blog/api', 'blog/constructor', 'blog/odd:1']],
    ['the slot of all apps of a project', ['blog:1'], ['blog/odd:1:1']],
    ['a name with a colon', ['odd:1'], ['blog/odd:1']],
    ['a name with a colon and a slot', ['odd:1:0'], ['blog/odd:1:0']],
    ['a name that every object has', ['constructor'], ['blog/constructor']],
    ['a name that no app has but every object', ['toString'], ['SELECTOR_NOT_FOUND']],
    ['an empty one', [''], ['SELECTOR_NOT_FOUND']],
    ['a lone slash', ['/'], ['SELECTOR_NOT_FOUND']],
    ['an empty pattern, as of a variable that is not set', ['//'], ['USAGE']],
  ])('%s', (_, selectors, expected) => {
    expect(resolve(...selectors)).toEqual(expected);
  });

  test('several give every target once, in the order of the catalogue', () => {
    expect(resolve('web', 'shop/api:1', '0', 'shop/api:1')).toEqual(['shop/api:0', 'shop/api:1', 'shop/web']);
    expect(resolve('shop/api:1', 'shop/api')).toEqual(['shop/api']);
    expect(resolve()).toEqual([]);
  });

  test('one that fails makes all of them fail', () => {
    expect(resolve('web', 'nope')).toEqual(['SELECTOR_NOT_FOUND']);
  });

  test('lists the candidates when it is ambiguous', () => {
    const resolved = resolveSelectors(['api'], CATALOGUE);
    expect(resolved).toMatchObject({ ok: false, error: { details: ['shop/api', 'blog/api'] } });
  });

  test('suggests what was probably meant', () => {
    const resolved = resolveSelectors(['wbe'], CATALOGUE);
    expect(resolved).toMatchObject({ ok: false, error: { hint: 'did you mean web?' } });
  });
});

describe('a pattern that could take for ever', () => {
  const hostile = [app('shop', `${'a'.repeat(200)}!`, [0])];
  test.each([
    '/(a+)+$/',
    '/(a|a)*$/',
    '/((a+))+$/',
    '/([a-z]*)*$/',
    '/(?:a+){2,}$/',
    '/^(a)\\1*$/',
    '/a*a*a*a*a*a*a*a*b/',
    `/${'a'.repeat(200)}/`,
  ])('%s is refused', (selector) => {
    expect(resolveSelectors([selector], hostile)).toMatchObject({ ok: false, error: { code: 'USAGE' } });
  });

  test.each(['/^web-(1|2)$/', '/[a-c]+-.*/', '/(foo)?bar/', '/a{2,3}/'])('%s is fine', (selector) => {
    expect(resolveSelectors([selector], hostile)).not.toMatchObject({ error: { code: 'USAGE' } });
  });
});

test('close names are few letters away or begun alike', () => {
  expect(closestNames('wrokers', ['workers', 'worker', 'web'])).toEqual(['workers', 'worker']);
  expect(closestNames('pay', ['payments', 'api'])).toEqual(['payments']);
  expect(closestNames('x'.repeat(1_000), ['x'])).toEqual([]);
});

describe('an app that is called all', () => {
  const catalogue = [app('shop', 'all', [0]), app('shop', 'web', [1])];

  test('is never taken for every app', () => {
    const resolved = resolveSelectors(['all'], catalogue);
    expect(resolved).toMatchObject({ ok: false, error: { code: 'SELECTOR_AMBIGUOUS' } });
    expect(!resolved.ok && resolved.error.hint).toBe('shop/all is that app; /./ is every app');
  });

  test('is meant by its project and name, and where it is alone', () => {
    const only = [{ key: 'shop/all', slot: null }];
    expect(resolveSelectors(['shop/all'], catalogue)).toMatchObject({ ok: true, value: only });
    expect(resolveSelectors(['all'], catalogue.slice(0, 1))).toMatchObject({ ok: true, value: only });
  });
});

describe('a filter among selectors', () => {
  const labelled = (name: string, namespace: string, labels: Readonly<Record<string, string>>) => ({
    ...app('shop', name, [0], namespace),
    labels,
  });
  const APPS = [
    labelled('api', 'billing', { tier: 'web', env: 'prod' }),
    labelled('wrk', 'default', { tier: 'job', env: 'dev' }),
    labelled('plain', 'default', {}),
    {
      ...labelled('api', 'front', { 'example.com/tier': 'web', empty: '' }),
      key: 'blog/api',
      project: 'blog',
    } as const,
  ];
  const keysOf = (...selectors: readonly string[]): readonly string[] => {
    const resolved = resolveSelectors(selectors, APPS);
    if (!resolved.ok) return [resolved.error.code, resolved.error.message, resolved.error.hint ?? ''];
    return resolved.value.map(({ key }) => key);
  };

  test.each<[readonly string[], readonly string[]]>([
    [['-l tier=web'], ['shop/api']],
    [['-l tier==web'], ['shop/api']],
    [['-l tier = web'], ['shop/api']],
    [['-l tier!=web'], ['shop/wrk', 'shop/plain', 'blog/api']],
    [['-l tier in (web, job)'], ['shop/api', 'shop/wrk']],
    [['-l tier notin (web,job)'], ['shop/plain', 'blog/api']],
    [['-l tier in (web,job),env!=dev'], ['shop/api']],
    [['-l tier'], ['shop/api', 'shop/wrk']],
    [['-l !tier'], ['shop/plain', 'blog/api']],
    [['-l example.com/tier=web'], ['blog/api']],
    [['-l empty='], ['blog/api']],
    [['-l tier', '-l env=dev'], ['shop/wrk']],
    [['-n billing'], ['shop/api']],
    [
      ['-n billing', '-n front'],
      ['shop/api', 'blog/api'],
    ],
    [['-n default', '-l tier'], ['shop/wrk']],
    [['all', '-l tier=job'], ['shop/wrk']],
    [['shop/', '-l !env'], ['shop/plain']],
    [['/^a/', '-n front'], ['blog/api']],
    [['api', '-n billing'], ['shop/api']],
    [['api:0', '-n front'], ['blog/api']],
  ])('%j means %j', (selectors, keys) => {
    expect(keysOf(...selectors)).toEqual(keys);
  });

  test.each<[readonly string[], string, RegExp]>([
    [['-l tier=wbe'], 'SELECTOR_NOT_FOUND', /for -l tier=wbe did you mean tier=web\?/],
    [['-l tier=none'], 'SELECTOR_NOT_FOUND', /tier is job, web here/],
    [['-l teir=web'], 'SELECTOR_NOT_FOUND', /did you mean tier\?/],
    [['-l zone=a'], 'SELECTOR_NOT_FOUND', /the labels here are empty, env, example\.com\/tier, tier/],
    [['-l tier=web,env=dev'], 'SELECTOR_NOT_FOUND', /for none all do/],
    [['-n biling'], 'SELECTOR_NOT_FOUND', /did you mean -n billing\?/],
    [['-n x'], 'SELECTOR_NOT_FOUND', /the namespaces here are billing, default, front/],
    [['wrk', '-l tier=web'], 'SELECTOR_NOT_FOUND', /for wrk with -l tier=web .*does not pass/],
    [['nope', '-l tier=web'], 'SELECTOR_NOT_FOUND', /cannot find an app for nope/],
    [['-l '], 'USAGE', /label selector ""/],
    [['-l tier=web,'], 'USAGE', /"" is no condition/],
    [['-l tier in web'], 'USAGE', /is no condition/],
    [['-l a=b=c'], 'USAGE', /is no condition/],
    [['-l tier>1'], 'USAGE', /is no condition/],
  ])('%j fails with %s', (selectors, code, words) => {
    const [failed, ...texts] = keysOf(...selectors);
    expect(failed).toBe(code);
    expect(texts.join(' ')).toMatch(words);
  });

  test('never means every app where none passes, nor where there is none', () => {
    expect(resolveSelectors(['all', '-l nobody=1'], APPS).ok).toBe(false);
    expect(resolveSelectors(['-l a'], []).ok).toBe(false);
    expect(resolveSelectors(['-n a'], []).ok).toBe(false);
  });
});
