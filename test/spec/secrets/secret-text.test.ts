import { describe, expect, it } from 'vitest';
import {
  REDACTED,
  redactArgs,
  redactLine,
  redactSpec,
  redactText,
  redactorOf,
} from '../../../src/spec/secrets/redact.ts';
import { secretNames } from '../../../src/spec/secrets/secret-names.ts';
import { specOf } from '../support/context.ts';

/** Made of parts, so that nothing which looks for secrets in a repository finds one. */
const HEX = '0123456789abcdef';
const LONG = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d';
const TOKENS: readonly (readonly [string, string])[] = [
  ['Stripe', `sk_live_${LONG}`],
  ['Stripe, restricted', `rk_test_${LONG}`],
  ['a webhook of Stripe', `whsec_${LONG}`],
  ['OpenAI', `sk-proj-${LONG}`],
  ['Anthropic', `sk-ant-api03-${LONG}`],
  ['GitHub', `ghp_${LONG}`],
  ['GitHub, server', `ghs_${LONG}`],
  ['GitHub, fine-grained', `github_pat_11AAAA_${LONG}`],
  ['GitLab', `glpat-${LONG.slice(0, 20)}`],
  ['AWS', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
  ['Google', `AIza${LONG.slice(0, 35)}`],
  ['Slack', `xoxb-1234567890-${LONG}`],
  ['npm', `npm_${LONG.slice(0, 36)}`],
  ['SendGrid', `SG.${LONG.slice(0, 22)}.${LONG}`],
  ['DigitalOcean', `dop_v1_${HEX.repeat(4)}`],
  ['Twilio', `SK${HEX.repeat(2)}`],
  ['Databricks', `dapi${HEX.repeat(2)}`],
  ['Vault', `hvs.${LONG}`],
  ['a bot of Telegram', `123456789:${LONG.slice(0, 35)}`],
  ['a JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${LONG}`],
  ['a JWT that is cut', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWI'],
  ['a key in PEM', `-----BEGIN RSA PRIVATE KEY-----\n${LONG}\n${LONG}\n-----END RSA PRIVATE KEY-----`],
  ['a key in PEM, one line', `-----BEGIN PRIVATE KEY-----\\n${LONG}\\n-----END PRIVATE KEY-----`],
  ['a key in PEM that is cut', `-----BEGIN OPENSSH PRIVATE KEY-----\n${LONG}`],
];

describe('a token', () => {
  it.each(TOKENS)('of %s is found by its form, alone and in a text', (_name, token) => {
    expect(redactText(token)).toBe(REDACTED);
    expect(redactText(`before ${token}`)).toBe(`before ${REDACTED}`);
    expect(redactText(JSON.stringify({ a: token }))).not.toContain(LONG.slice(0, 12));
  });
});

describe('a secret in a text', () => {
  it.each([
    ['postgres://u:s3cret@h/db', `postgres://u:${REDACTED}@h/db`],
    ['postgres://u:s3@cret@h/db', `postgres://u:${REDACTED}@h/db`],
    ['postgres://u:s3/cret@h/db', `postgres://u:${REDACTED}@h/db`],
    ['postgres://u:s3#cret@h:5432/db', `postgres://u:${REDACTED}@h:5432/db`],
    ['redis://:s3cret@cache:6379/0', `redis://:${REDACTED}@cache:6379/0`],
    ['amqp://u:s3cret@a/x,amqp://u:s3cret@b/x', `amqp://u:${REDACTED}@a/x,amqp://u:${REDACTED}@b/x`],
    [`https://${LONG}@github.com/a/b.git`, `https://${REDACTED}@github.com/a/b.git`],
    ['--env=DB_PASSWORD=s3cret', `--env=DB_PASSWORD=${REDACTED}`],
    ['--title=app=token="s3 cret" on', `--title=app=token="${REDACTED}" on`],
    ['/healthz?token=s3cret&a=1', `/healthz?token=${REDACTED}&a=1`],
    ['/healthz?a=1&api_key=s3cret', `/healthz?a=1&api_key=${REDACTED}`],
    ['https://b.blob/x?sv=2020&sig=s3cret%3D', `https://b.blob/x?sv=2020&sig=${REDACTED}`],
    [
      'GET http://h:1/?access_token=s3cret answered 500',
      `GET http://h:1/?access_token=${REDACTED} answered 500`,
    ],
    ['AccountName=a;AccountKey=s3cret==;X=y', `AccountName=a;AccountKey=${REDACTED};X=y`],
    ['{"password": "s3cret", "user": "me"}', `{"password": "${REDACTED}", "user": "me"}`],
    ["{'apiKey':'s3cret'}", `{'apiKey':'${REDACTED}'}`],
    ['Authorization: Bearer s3cret', `Authorization: ${REDACTED}`],
    ['curl -H "X-Api-Key: s3cret" h', `curl -H "X-Api-Key: ${REDACTED}" h`],
    ['sent bearer abc123def456', `sent bearer ${REDACTED}`],
    ['Basic dXNlcjpzM2NyZXQ', `Basic ${REDACTED}`],
    ['//registry.npmjs.org/:_authToken=s3cret', `//registry.npmjs.org/:_authToken=${REDACTED}`],
    [
      `https://api.telegram.org/bot123456789:${LONG.slice(0, 35)}/send`,
      `https://api.telegram.org/bot${REDACTED}/send`,
    ],
    ['PASSWORD=s3cret; next', `PASSWORD=${REDACTED}; next`],
    ['PASSWORD="s3 cret" next', `PASSWORD="${REDACTED}" next`],
  ])('%s', (text, shown) => {
    expect(redactText(text)).toBe(shown);
    // What was taken out is taken out for good.
    expect(redactText(shown)).toBe(shown);
  });

  it.each([
    ['run --password s3cret --port 1', `run --password ${REDACTED} --port 1`],
    ['run --password "s3 cret" x', `run --password ${REDACTED} x`],
    ['run --quiet --password s3cret x', `run --quiet --password ${REDACTED} x`],
    ['sh -c "run --password s3cret"', `sh -c "run --password ${REDACTED}"`],
    ['PGPASSWORD=s3cret psql -h db', `PGPASSWORD=${REDACTED} psql -h db`],
    ['curl -u me:s3cret http://h', `curl -u me:${REDACTED} http://h`],
    ['sshpass -p s3cret ssh h', `sshpass -p ${REDACTED} ssh h`],
    ['redis-cli -h h -a s3cret ping', `redis-cli -h h -a ${REDACTED} ping`],
    ['mysqladmin -uroot -ps3cret ping', `mysqladmin -uroot -p${REDACTED} ping`],
    ['docker run -u 1000:1000 -p 80:80 x', 'docker run -u 1000:1000 -p 80:80 x'],
    ['TOKEN=$TOKEN run --token ${TOKEN} -H "Authorization: $AUTH"', null],
    ['mkdir -p a && test -n "$KEY"', null],
  ])('of the shell: %s', (line, shown) => {
    expect(redactLine(line)).toBe(shown ?? line);
  });
});

describe('what is not a secret', () => {
  it.each([
    '68da2184b4a1f0c2d5e6a7b8c9d0e1f2a3b4c5d6',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'sha512-3vLEp3wZ0sm9XBbgMjyBJW1Z6LIyWb6p3FQGmVmxO2xQ5vNU2rI5Kw1tq8wSJ3yZcA==',
    '123e4567-e89b-12d3-a456-426614174000',
    '/srv/shop/releases/20261128120000-68da218/node_modules/.bin/next',
    '/home/me/.ssh/id_ed25519.pub',
    'tokenizer.js',
    'monkey-patch.js',
    '/etc/keys/server.key',
    'registry.example.com:5000/team/app:1.2.3-rc.1',
    'http://localhost:3000/a@b',
    'http://localhost:3000/healthz?verbose=1&full=true',
    'git@github.com:team/app.git',
    'ssh://git@github.com/team/app.git',
    'postgres://db:5432/shop',
    'npm run build:keys',
    '--max-old-space-size=512 --enable-source-maps',
    'skip-this-one sk-in-a-word key-value',
    'eyJ',
    '2026-11-28T10:00:00.000Z',
    'Unexpected token } in JSON at position 4',
    'TOKEN_TTL=3600 PASSWORD_MIN_LENGTH=8 SSL_KEY_FILE=/etc/x.key',
    'a key: value of a map',
    'Basic authentication is off, bearer authentication too',
    'base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ',
    'SESSION_STORE=redis SESSION_TIMEOUT=60',
    '127.0.0.1:8080 [::1]:9090',
    'export NODE_OPTIONS=--require=/opt/agent.js',
  ])('stays: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('is looked for in time that grows with the text', () => {
    for (const part of [
      'a-',
      'a://b:c/',
      'sk-',
      '--a=',
      '"a":',
      '-----BEGIN A-----',
      'eyJ',
      '?a=',
      '://',
      'a:b@',
    ]) {
      // Of the processor: what else runs on the host does not count.
      const begin = process.cpuUsage();
      redactText(part.repeat(20_000));
      const { user, system } = process.cpuUsage(begin);
      expect((user + system) / 1_000).toBeLessThan(2_000);
    }
  });
});

describe('an app', () => {
  it('shows no secret of its fields, wherever it was written', () => {
    const [, token = ''] = TOKENS[0] ?? [];
    const spec = specOf({
      script: `./api.js`,
      args: ['--level', '1', token, '-c', 'x', 'DB_PASSWORD=s3cret'],
      env: {
        SESSION: 's3cret',
        GH: token,
        URL: 'postgres://u:s3cret@h',
        COPY: 'x s3cret-42 x',
        DB_PASSWORD: 's3cret-42',
      },
      labels: { key: 's3cret' },
      readiness: { http: { port: 1, path: '/h?token=s3cret' } },
      liveness: { exec: { command: ['sh', '-c', `curl -H "X-Token: s3cret" --password s3cret ${token}`] } },
      startup: { log: `token=s3cret` },
      out_file: 'logs/s3cret-42.log',
    });
    const text = JSON.stringify(redactSpec(spec));
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(token);
    expect(redactSpec(specOf({ script: 'bash', args: ['-c', 'run --password s3cret'] })).args).toEqual([
      '-c',
      `run --password ${REDACTED}`,
    ]);
  });

  it('hides what its file names as secret, in variables, flags, labels and texts', () => {
    const spec = specOf({
      secrets: ['LICENSE', '*_PIN'],
      env: { LICENSE: 'abcd', DOOR_PIN: '4711', PLAIN: 'shown' },
      args: ['--license', 'efgh', 'abcd'],
      labels: { LICENSE: 'ijkl' },
    });
    expect(redactSpec(spec)).toMatchObject({
      secrets: ['LICENSE', '*_PIN'],
      env: { LICENSE: REDACTED, DOOR_PIN: REDACTED, PLAIN: 'shown' },
      labels: { LICENSE: REDACTED },
    });
    expect(redactSpec(spec).args).toContain(REDACTED);
    expect(redactorOf(spec)('cannot open the door with 4711')).toBe(`cannot open the door with ${REDACTED}`);
    expect(secretNames(['LICENSE'])('LICENSE_URL')).toBe(false);
  });

  it('is not looked through for values that are words', () => {
    const show = redactorOf(specOf({ env: { AUTH: 'enabled', TOKEN: 'production', API_KEY: 'k3y-of-api' } }));
    expect(show('enabled in production with k3y-of-api')).toBe(`enabled in production with ${REDACTED}`);
  });

  it('keeps the user of an argument and hides the password', () => {
    expect(redactArgs(['-u', 'me:s3cret', '--user', '1000:1000'])).toEqual([
      ...['-u', `me:${REDACTED}`, '--user', '1000:1000'],
    ]);
  });
});
