// Secrets of other tools: variables that are read when a process starts, or the files that they lie in.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { validate } from '../../src/config/generated/validate.js';
import { importCompose } from '../../src/import/compose/compose.ts';
import type { ImportResult } from '../../src/import/model/imported.ts';
import { importSystemd } from '../../src/import/systemd/systemd.ts';
import { err } from '../../src/lib/result.ts';
import { rendered } from './support/render.ts';

interface Shown {
  readonly env: unknown;
  readonly secrets: unknown;
  readonly args: unknown;
  readonly notes: readonly string[];
}

function shown(result: ImportResult): Shown {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const [app] = result.value.apps;
  const text = rendered(result.value);
  expect({ ok: validate(parse(text)), errors: validate.errors }).toEqual({ ok: true, errors: null });
  for (const value of Object.values(app?.secrets ?? {})) expect(text).not.toContain(value);
  return {
    env: app?.fields['env'],
    secrets: app?.secrets,
    args: app?.fields['args'],
    notes: (app?.notes ?? [])
      .map(({ text: note }) => note)
      .filter((note) => !/User=|Restart=|image|restart is/.test(note)),
  };
}

function unit(...lines: readonly string[]): Shown {
  const text = ['[Service]', 'User=app', 'Restart=always', ...lines, ''].join('\n');
  const whole = lines.some((line) => line.startsWith('ExecStart='))
    ? text
    : `${text}ExecStart=/usr/bin/web\n`;
  return shown(importSystemd([{ file: 'web.service', text: whole }]));
}

function compose(service: string, project: string): Shown {
  const open = (path: string) => err({ code: 'CONFIG_NOT_FOUND', message: path } as const);
  const text = `services:\n  web:\n    command: node web.js\n    restart: always\n${service}${project}`;
  return shown(importCompose([{ shown: 'compose.yaml', text, folder: '/srv' }], { open, hasDotEnv: false }));
}

describe('credentials of a unit', () => {
  it('are read from their file', () => {
    expect(unit('LoadCredential=smtp-password:/etc/secrets/smtp')).toMatchObject({
      env: { SMTP_PASSWORD: { from_file: '/etc/secrets/smtp' } },
      notes: [expect.stringContaining('here SMTP_PASSWORD holds what /etc/secrets/smtp says') as unknown],
    });
  });

  it.each(['%d/db', '${CREDENTIALS_DIRECTORY}/db'])('are the file itself where the unit says %s', (path) => {
    const { env, args, notes } = unit(
      'LoadCredential=db:/etc/secrets/db',
      `ExecStart=/usr/bin/web --password-file ${path}`,
      `Environment=DB_PASSWORD_FILE=${path}`,
    );
    expect(args).toEqual(['--password-file', '/etc/secrets/db']);
    expect(env).toEqual({ DB_PASSWORD_FILE: '/etc/secrets/db' });
    expect(notes).toEqual([expect.stringContaining('has to be allowed to') as unknown]);
  });

  it.each([
    [
      'LoadCredentialEncrypted=db:/etc/credstore.encrypted/db',
      'LoadCredentialEncrypted=db:/etc/credstore.encrypted/db',
    ],
    ['LoadCredential=db', 'LoadCredential=db'],
    ['LoadCredential=db:/srv/%v/db', 'LoadCredential=db:/srv/%v/db'],
    ['SetCredentialEncrypted=db:k6iUCUh0RJCQyvL8k8q1UyAAAAA', 'SetCredentialEncrypted=db:...'],
  ])('that only systemd can read are those of the daemon: %s', (line, told) => {
    const { env, notes } = unit(line);
    expect(env).toEqual({ DB: { from_credential: 'db' } });
    expect(notes.join('\n')).toContain(`DB: write ${told}`);
    expect(notes.join('\n')).not.toContain('k6iUCUh0');
  });

  it('that stand in the unit are in the file of secrets, and nowhere else', () => {
    expect(unit('SetCredential=licence:abc-123')).toMatchObject({
      env: undefined,
      secrets: { LICENCE: 'abc-123' },
    });
  });

  it('that are imported by a pattern are a comment with the way out', () => {
    const { env, notes } = unit('ImportCredential=web.*');
    expect(env).toBeUndefined();
    expect(notes).toEqual([
      expect.stringMatching(/^ImportCredential: web\.\* \(name each: env: .*from_credential/) as unknown,
    ]);
  });
});

describe('secrets of a service of Compose', () => {
  it('are read from their file, from the daemon, or from where somebody writes them', () => {
    const found = compose(
      '    secrets: [db-password, {source: token, target: api}, kept]\n',
      'secrets:\n  db-password: {file: ./db.txt}\n  token: {environment: API_TOKEN}\n  kept: {external: true}\n',
    );
    expect(found.env).toEqual({
      DB_PASSWORD: { from_file: '/srv/db.txt' },
      TOKEN: { from_env: 'API_TOKEN' },
      KEPT: { from_file: './secrets/kept' },
    });
    expect(found.notes.join('\n')).toMatch(
      /TOKEN: Compose takes API_TOKEN from the shell, stateward from the environment of the daemon/,
    );
    expect(found.notes.join('\n')).toMatch(/KEPT: .*external.*write it to \.\/secrets\/kept/);
  });

  it('are the file itself where the service says which it is', () => {
    const found = compose(
      '    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/db, OTHER: /run/secrets/db2}\n    secrets: [db]\n',
      'secrets: {db: {file: "${HOME}/db.txt"}}\n',
    );
    expect(found.env).toEqual({ POSTGRES_PASSWORD_FILE: '${HOME}/db.txt', OTHER: '/run/secrets/db2' });
    expect(found.notes).toEqual([expect.stringContaining('has to be allowed to') as unknown]);
  });
});
