import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importCompose } from '../../../src/import/compose/compose.ts';
import { renderYaml } from '../../../src/cli/views/yaml.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { contextWith, specOf } from '../../spec/support/context.ts';
import { compose, saidOf } from '../support/others.ts';

const probe = { http: { port: 3000, path: '/healthz' }, period: 2000, timeout: 1000 };
const WEB = {
  ...{
    name: 'web',
    port: 3000,
    instances: 2,
    exec_mode: 'fork' as const,
    readiness: probe,
    kill_timeout: 8000,
    stop_signal: 'SIGTERM',
  },
  ...{ env: { PRICE: '5$', DB_PASSWORD: 'hunter2' }, limits: { memory: '300M', cpu: 0.5 } },
};

function serviceOf(apps: readonly AppSpec[], name = 'web'): Readonly<Record<string, unknown>> {
  return compose(apps).objects[0]?.services[name] ?? {};
}

describe('an app as a service', () => {
  it('has its command, variables, ports, check and limits', () => {
    const migrate = specOf({ name: 'migrate', autorestart: false, script: './migrate.js' });
    const { objects, secrets } = compose([specOf({ ...WEB, depends_on: { migrate: 'completed' } }), migrate]);
    expect(objects).toMatchSnapshot();
    expect(JSON.stringify(objects)).not.toContain('hunter2');
    expect(secrets).toEqual(['DB_PASSWORD']);
  });

  it('is built from the folder of the file where nothing names an image', () => {
    const { objects } = compose([specOf({ name: 'web' })], { image: null });
    expect(objects[0]?.services['web']).toMatchObject({ build: { context: '.' } });
  });

  it('is asked by its own Node, or by a program of its image', () => {
    const check = (app: Record<string, unknown>): unknown => {
      const { healthcheck } = serviceOf([specOf({ name: 'web', port: 3000, ...app })]);
      return (healthcheck as { readonly test: unknown }).test;
    };
    expect(check({ readiness: { tcp: { port: 3000 } } })).toMatchObject([
      'CMD',
      'node',
      '-e',
      expect.any(String),
    ]);
    expect(check({ readiness: { exec: { command: ['ok', '$x'] } } })).toEqual(['CMD', 'ok', '$$x']);
    expect(check({ interpreter: 'python3', readiness: probe })).toEqual([
      ...['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:3000/healthz'],
    ]);
  });

  it('publishes the ports that its slots have here', () => {
    expect(serviceOf([specOf(WEB)])['ports']).toEqual([
      { target: 3000, published: '3000-3001', protocol: 'tcp' },
    ]);
  });

  it('is refused where nothing there can mean it', () => {
    const refused = (app: Record<string, unknown>): readonly string[] =>
      saidOf(compose([specOf({ name: 'web', ...app })]), 'error').map((text) => text.split(':')[0] ?? '');
    expect(refused({ exec_mode: 'cluster', instances: 2, port: 3000 })).toEqual(['exec_mode']);
    expect(refused({ port: 'auto' })).toEqual(['ports']);
    expect(refused({ depends_on: { db: 'ready' } })).toEqual(['depends_on']);
    expect(refused({ wait_ready: true })).toEqual(['wait_ready']);
    expect(refused({ readiness: { log: 'up' } })).toEqual(['readiness.log']);
    const twice = compose([specOf({ name: 'a b' }), specOf({ name: 'a/b' })]);
    expect(saidOf(twice, 'error')).toEqual([
      'name: its service would be called a-b there, as that of a b is',
    ]);
  });
});

describe('what is written for Compose', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('ab %$"\'\\;#={}:@-é\n')),
    minLength: 1,
    maxLength: 12,
  });
  const app = fc.record(
    {
      args: fc.array(text, { maxLength: 4 }),
      env: fc.dictionary(fc.constantFrom('A', 'B_1', 'MODE'), text, { maxKeys: 3 }),
      kill_timeout: fc.integer({ min: 1, max: 90_000 }),
      stop_signal: fc.constantFrom('SIGINT', 'SIGTERM', 'SIGQUIT'),
      oom_score_adj: fc.integer({ min: -1000, max: 1000 }),
      uid: fc.constantFrom('app', 1000),
      labels: fc.dictionary(fc.constantFrom('team', 'tier'), text),
    },
    { requiredKeys: [] },
  );
  const KEPT = [
    'args',
    'env',
    'kill_timeout',
    'stop_signal',
    'oom_score_adj',
    'uid',
    'labels',
    'script',
  ] as const;

  it('means the same when it is read again', async () => {
    await fc.assert(
      fc.asyncProperty(app, async (declared) => {
        const spec = specOf({
          name: 'api',
          ...declared,
          script: '/app/api.js',
          interpreter: 'none',
        });
        const { objects } = compose([spec], { root: '/app' });
        const again = readAgain(await renderYaml(objects[0]));
        for (const field of KEPT) expect([field, again[field]]).toEqual([field, spec[field]]);
      }),
      { numRuns: 300 },
    );
  });
});

function readAgain(text: string): AppSpec {
  const file = { shown: 'compose.yaml', folder: '/app', text };
  const result = importCompose([file], {
    open: () => {
      throw new Error('nothing is included');
    },
    hasDotEnv: false,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const [app] = result.value.apps;
  // In a file of ours `$$` is one of them too.
  const fields = JSON.parse(JSON.stringify({ ...app?.fields, name: app?.name }).replaceAll('$$', '$')) as App;
  return normalise(fields, contextWith({ fileDir: '/app' })).spec;
}
