import { describe, expect, test } from 'vitest';
import { checkApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import { checkStopRequest } from '../../../src/api/contract/wire/daemon.ts';
import { checkVerbRequest } from '../../../src/api/contract/wire/verbs.ts';
import { applyRequest } from '../request.ts';

const verb = { selectors: ['api'], by: 'ann', command: 'stop api' };

/** A copy of a request with one value set at a path, or taken away with `undefined`. */
function withValue(path: string, value: unknown): unknown {
  const copy = structuredClone(applyRequest()) as unknown;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce((at, key) => (at as Record<string, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Object.defineProperty(holder, last, { value, enumerable: true });
  return JSON.parse(JSON.stringify(copy));
}

describe('an apply request', () => {
  test('that is whole is taken as it is', () => {
    const request = applyRequest();
    expect(checkApplyRequest(JSON.parse(JSON.stringify(request)))).toEqual({ ok: true, value: request });
  });

  const APP = 'projects.0.apps.0';
  test.each<[string, unknown, string]>([
    ['prune', undefined, 'body.prune'],
    ['prune', 'yes', 'body.prune'],
    ['surprise', 1, 'body.surprise'],
    ['only', 'api', 'body.only'],
    ['basis', {}, 'body.basis.fingerprint'],
    ['projects', {}, 'body.projects'],
    ['projects.0.project', '../evil', 'body.projects[0].project'],
    ['projects.0.project', '', 'body.projects[0].project'],
    ['projects.0.source.files', [1], 'body.projects[0].source.files[0]'],
    [`${APP}.name`, 'a/b', 'apps[0].name'],
    [`${APP}.name`, '..', 'apps[0].name'],
    [`${APP}.name`, 'a\nb', 'apps[0].name'],
    [`${APP}.name`, 'db', '"db" twice'],
    [`${APP}.unknown_field`, 1, 'apps[0].unknown_field'],
    [`${APP}.__proto__`, { polluted: true }, 'apps[0].__proto__'],
    [`${APP}.instances`, 0, 'apps[0].instances'],
    [`${APP}.instances`, 1.5, 'apps[0].instances'],
    [`${APP}.instances`, 1e9, 'apps[0].instances'],
    [`${APP}.instances`, 1_001, 'apps[0].instances'],
    [`${APP}.env`, { PORT: 3000 }, 'apps[0].env.PORT'],
    [`${APP}.env`, ['A=1'], 'apps[0].env'],
    [`${APP}.kill_timeout`, -1, 'apps[0].kill_timeout'],
    [`${APP}.kill_timeout`, null, 'apps[0].kill_timeout'],
    [`${APP}.exec_mode`, 'thread', 'apps[0].exec_mode'],
    [`${APP}.watch`, 'src', 'apps[0].watch'],
    [`${APP}.readiness.http.port`, 70_000, 'readiness.http.port'],
    [`${APP}.rollout.on_failure`, 'explode', 'rollout.on_failure'],
    [`${APP}.depends_on`, { db: 'maybe' }, 'depends_on.db'],
    ['commits', ['1a2b3c4d'.repeat(5)], 'body.commits'],
    ['commits.shop', null, 'body.commits.shop'],
    ['commits.shop', '1a2b3c4', 'body.commits.shop'],
    ['commits.shop', '1A2B3C4D'.repeat(5), 'body.commits.shop'],
    ['commits.shop', `${'1a2b3c4d'.repeat(5)}\n`, 'body.commits.shop'],
  ])('with %s = %j is refused, and says where', (path, value, where) => {
    const checked = checkApplyRequest(withValue(path, value));
    expect(checked).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
    expect(!checked.ok && checked.error.message).toContain(where);
  });

  test('that names a project twice is refused', () => {
    const [project] = applyRequest().projects;
    expect(checkApplyRequest({ ...applyRequest(), projects: [project, project] })).toMatchObject({
      ok: false,
    });
  });

  test('leaves no trace of a hostile one on other objects', () => {
    checkApplyRequest(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a verb request', () => {
  test.each<[string, unknown]>([
    ['start', { ...verb, verb: 'start' }],
    ['delete', { ...verb, verb: 'delete', allowWipe: false }],
    ['scale to a number', { ...verb, verb: 'scale', instances: 4 }],
    ['scale by a number', { ...verb, verb: 'scale', delta: -1 }],
  ])('%s is taken', (_, body) => {
    expect(checkVerbRequest(body)).toEqual({ ok: true, value: body });
  });

  test.each<[string, unknown]>([
    ['an unknown verb', { ...verb, verb: 'explode' }],
    ['a verb that every object has', { ...verb, verb: 'constructor' }],
    ['delete without allowWipe', { ...verb, verb: 'delete' }],
    ['scale without a number', { ...verb, verb: 'scale' }],
    ['scale with both', { ...verb, verb: 'scale', instances: 1, delta: 1 }],
    ['scale to less than nothing', { ...verb, verb: 'scale', instances: -1 }],
    ['no selectors', { by: 'ann', command: 'x', verb: 'stop' }],
    ['nothing', undefined],
    ['null', null],
  ])('with %s is refused', (_, body) => {
    expect(checkVerbRequest(body)).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
  });
});

test('a stop request says whether apps stop too', () => {
  expect(checkStopRequest({ all: true }).ok).toBe(true);
  expect(checkStopRequest({}).ok).toBe(false);
});
