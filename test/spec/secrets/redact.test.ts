import { describe, expect, it } from 'vitest';
import { REDACTED, redactArgs, redactSpec, redactText } from '../../../src/spec/secrets/redact.ts';
import { isSecretName } from '../../../src/spec/secrets/secret-names.ts';
import { specOf } from '../support/context.ts';

describe('names of secrets', () => {
  it.each([
    ...[
      'API_TOKEN',
      'apiToken',
      'SECRET',
      'DB_PASSWORD',
      'DB_PASSWD',
      'PGPASSWORD',
      'SSH_KEY',
      'STRIPE_APIKEY',
    ],
    ...['AWS_SECRET_ACCESS_KEY', 'GOOGLE_CREDENTIALS', 'BASIC_AUTH', 'SENTRY_DSN', 'PRIVATE_PEM', 'DB_PWD'],
    ...['--password', 'my-token', 'SESSION_COOKIE', 'jwt'],
  ])('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    'NODE_ENV',
    'LoadCredential',
    'LoadCredentialEncrypted',
    'PORT',
    'MONKEY',
    'KEYBOARD',
    'AUTHOR',
    'PWD',
    'PATH',
    'COMPASS',
    'LOG_LEVEL',
    '',
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('redaction', () => {
  it('takes passwords out of URLs and leaves the rest', () => {
    expect(redactText('a postgres://me:s3cret@db:5432/x b')).toBe(`a postgres://me:${REDACTED}@db:5432/x b`);
    expect(redactText('redis://:s3cret@cache')).toBe(`redis://:${REDACTED}@cache`);
    expect(redactText('http://localhost:3000/a@b')).toBe('http://localhost:3000/a@b');
  });

  it('takes secrets out of arguments', () => {
    expect(redactArgs(['--port', '3000', '--token', 'abc', '--api-key=x', '--token', '--next', 'y'])).toEqual(
      [...['--port', '3000', '--token', REDACTED, `--api-key=${REDACTED}`, '--token', '--next', 'y']],
    );
  });

  it('leaves no secret in a spec, wherever it was written', () => {
    const spec = specOf({
      env: { TOKEN: 's3cret', PLAIN: 'shown' },
      labels: { 'db-password': 's3cret' },
      args: ['--password', 's3cret'],
      interpreter_args: '--token=s3cret',
      readiness: { exec: { command: ['curl', 'http://me:s3cret@localhost'] } },
      hooks: { post_stop: { command: ['notify', '--token', 's3cret'] } },
      shutdown: { command: ['sh', '-c', 'admin --password s3cret stop'] },
      reload: { command: ['redis-cli', '--api-key=s3cret'] },
    });
    const text = JSON.stringify(redactSpec(spec));
    expect(text).not.toContain('s3cret');
    expect(text).toContain('shown');
    const line = specOf({ script: 'TOKEN=s3cret  run --password s3cret | x' });
    expect(redactSpec(line).script).toBe(`TOKEN=${REDACTED}  run --password ${REDACTED} | x`);
  });
});
