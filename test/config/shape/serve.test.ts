// Apps that serve files: the key `serve`, and the forms that PM2 has.
import { describe, expect, it } from 'vitest';
import { denormaliseApp } from '../../../src/spec/normalise/denormalise.ts';
import { escapeApp } from '../../../src/spec/escape-app.ts';
import { appsOf, failuresOf, projectFolder, warningsOf, type Loaded } from '../support/project-folder.ts';

const FILES = { 'public/index.html': '', password: 'x', 'ecosystem.config.js': '' };

async function load(text: string, more: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  await using folder = await projectFolder({ ...FILES, 'ecosystem.yaml': text, ...more });
  return await folder.load({ files: ['ecosystem.yaml'] });
}

describe('an app with `serve`', () => {
  it('needs no script, shares its port, is ready when it says so, and has no code', async () => {
    const [site] = appsOf(await load('apps: [{name: site, serve: {path: public}}]'));
    expect(site).toMatchObject({
      name: 'site',
      script: 'serve',
      interpreter: 'node',
      exec_mode: 'cluster',
      wait_ready: true,
      code: 'off',
      serve: { port: 8080, host: null, spa: false, homepage: 'index.html', max_age: 0, basic_auth: null },
    });
    expect(site?.serve?.path).toMatch(/\/shop\/public$/);
  });

  it.each([
    'serve: {path: public, port: 81, host: "::1", spa: true, homepage: a.html, max_age: 2m}',
    'serve: {path: public, basic_auth: {username: me, password_file: password}}',
    'serve: {path: public, basic_auth: {username: me, password: secret123}}',
    'serve: {}\n    instances: 3\n    exec_mode: fork\n    code: [public]\n    wait_ready: false',
    'serve: {}\n    readiness: {tcp: {port: 8080}}\n    agent: false',
    'script: serve\n    env: {PM2_SERVE_PATH: public, PM2_SERVE_PORT: 82}',
  ])('%j means the same when it is written out and read again', async (fields) => {
    await using folder = await projectFolder({
      ...FILES,
      'ecosystem.yaml': `apps:\n  - name: site\n    ${fields}\n`,
    });
    const [spec] = appsOf(await folder.load({ files: ['ecosystem.yaml'] }));
    if (spec === undefined) throw new Error('no app');
    const written = escapeApp(denormaliseApp(spec));
    expect(written).not.toHaveProperty('script');
    await folder.write({ 'again.json': JSON.stringify({ apps: [written] }) });
    const [again] = appsOf(await folder.load({ files: ['again.json'] }));
    expect(again).toEqual(spec);
  });

  it('keeps a password out of what is shown of it', async () => {
    const [spec] = appsOf(
      await load('apps: [{name: s, serve: {path: public, basic_auth: {username: me, password: secret123}}}]'),
    );
    expect(JSON.stringify(spec?.serve)).not.toContain('secret123');
    expect(spec?.env).toEqual({ PM2_SERVE_BASIC_AUTH_PASSWORD: 'secret123' });
  });

  it.each([
    ['serve: {path: nowhere}', 'serve.path', 'does not exist'],
    ['serve: {path: password}', 'serve.path', 'is not a folder'],
    ['serve: {port: 0}', 'serve.port', '0 is less than 1'],
    ['serve: {homepage: a/b}', 'serve.homepage', ''],
    ['serve: {listing: true}', 'serve.listing', 'unknown key'],
    ['serve: public', 'serve', ''],
    ['serve: {basic_auth: {username: "a:b", password: x}}', 'serve.basic_auth.username', ''],
    ['serve: {basic_auth: {username: a}}', 'serve.basic_auth', 'lets nobody in'],
    ['serve: {basic_auth: {password: a}}', 'serve.basic_auth', 'username'],
    [
      'serve: {basic_auth: {username: a, password_file: none}}',
      'serve.basic_auth.password_file',
      'no such file',
    ],
    ['serve: {basic_auth: {username: a, password: b, password_file: password}}', 'password', 'too'],
    ['serve: {}, script: ./api.js', 'serve', 'has no script'],
    ['script: serve, env: {PM2_SERVE_PATH: none}', 'env', 'does not exist'],
    ['script: serve, env: {PM2_SERVE_PATH: public, PM2_SERVE_PORT: no}', 'env', 'is not a port'],
  ])('%s is refused where it is wrong', async (fields, place, text) => {
    const [failure] = failuresOf(await load(`apps:\n  - {name: s, ${fields}}\n`));
    expect(failure?.message).toContain(place);
    expect(failure?.message).toContain(text);
    expect(failure?.position?.line).toBe(2);
  });

  it('says that arguments have no effect', async () => {
    const loaded = await load('apps: [{name: s, serve: {path: public}, args: [-s]}]');
    expect(warningsOf(loaded)).toMatchObject([
      { code: 'CONFIG_NO_EFFECT', hint: 'its settings are the keys of `serve`' },
    ]);
  });
});

describe('what PM2 has', () => {
  it('`script: serve` with its variables, also those of an environment', async () => {
    const env =
      '{PM2_SERVE_PATH: public, PM2_SERVE_PORT: "9000", PM2_SERVE_SPA: "true", PM2_SERVE_HOMEPAGE: /start.html, ' +
      'PM2_SERVE_BASIC_AUTH: "true", PM2_SERVE_BASIC_AUTH_USERNAME: me, PM2_SERVE_BASIC_AUTH_PASSWORD: x}';
    const [spec] = appsOf(await load(`apps: [{name: s, script: serve, env: ${env}}]`));
    expect(spec?.serve).toMatchObject({
      port: 9000,
      spa: true,
      homepage: 'start.html',
      basic_auth: { username: 'me', password_file: null },
    });
  });

  it('`static` is a list of servers, or one, each an app', async () => {
    const loaded = await load(
      'apps: [{script: ./api.js}]\nstatic:\n  - {path: public, port: 81}\n  - {name: docs, path: public, spa: true}\n',
    );
    expect(appsOf(loaded).map(({ name }) => name)).toEqual(['api', 'static-page-server-81', 'docs']);
    expect(warningsOf(loaded)).toEqual([]);
    expect(appsOf(await load('static: {path: public}')).map(({ name }) => name)).toEqual([
      'static-page-server-8080',
    ]);
  });

  it('mistakes in `static` are shown where they stand', async () => {
    const failures = failuresOf(
      await load('static:\n  - path: public\n    port: abc\n    ftp: true\n  - 3\n'),
    );
    expect(
      failures.map(({ message, position }) => [message.split(' ')[0]?.replace(/:$/, ''), position?.line]),
    ).toEqual([
      ['static[0].port', 3],
      ['static[0].ftp', 4],
      ['static[1]', 5],
    ]);
  });

  it('a file, and a command with arguments, is what it was', async () => {
    const [file] = appsOf(await load('apps: [{script: serve, interpreter: node}]', { serve: '' }));
    expect(file).toMatchObject({ serve: null, script: expect.stringMatching(/\/shop\/serve$/) as string });
    const [failure] = failuresOf(await load('apps: [{script: serve, args: "-s build"}]'));
    expect(failure?.code).toBe('CONFIG_SCRIPT_NOT_FOUND');
  });
});
