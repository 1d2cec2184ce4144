import { describe, expect, it } from 'vitest';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { contextWith, FILE, MISSING, specOf } from '../support/context.ts';

const context = contextWith({ files: { '/srv/shop/nginx.conf': FILE, '/srv/shop/ngnix.conf': MISSING } });

function notesOf(reload: object, app: object = {}) {
  return normalise({ script: 'nginx', interpreter: 'none', reload, ...app }, context).notes;
}

describe('how an app reads its settings again', () => {
  it('is unknown unless the file says it', () => {
    expect(specOf().reload).toBeNull();
  });

  it('is a signal or a command', () => {
    const signal = specOf({ reload: { signal: 'hup', on_change: 'nginx.conf' } }).reload;
    expect(signal).toEqual({ signal: 'SIGHUP', command: null, timeout: 30_000, on_change: ['nginx.conf'] });
    const command = specOf({ reload: { command: ['kill', '-s', 1], timeout: '5s' } }).reload;
    expect(command).toEqual({ signal: null, command: ['kill', '-s', '1'], timeout: 5_000, on_change: [] });
  });

  const WRONG: readonly (readonly [object, readonly string[], string])[] = [
    [{}, ['reload'], 'this needs either a signal or a command'],
    [{ signal: 'HUP', command: ['true'] }, ['reload'], 'this needs either a signal or a command'],
    [{ signal: 'HPU' }, ['reload', 'signal'], '"HPU" is not a signal'],
    [
      { signal: 'KILL' },
      ['reload', 'signal'],
      'SIGKILL has no program read its settings: it ends the process at once',
    ],
    [
      { signal: 'STOP' },
      ['reload', 'signal'],
      'SIGSTOP has no program read its settings: it suspends the process',
    ],
    ...['env', 'args', 'cwd', 'uid', 'script', 'env_file'].map(
      (field) =>
        [
          { signal: 'HUP', on_change: [field] },
          ['reload', 'on_change'],
          `${field} is fixed when a process starts: no reload changes it`,
        ] as const,
    ),
    [
      { signal: 'HUP', on_change: ['watch'] },
      ['reload', 'on_change'],
      'watch is a setting of stateward, and no file that the app reads',
    ],
  ];

  it.each(WRONG)('cannot be %j', (reload, path, message) => {
    expect(notesOf(reload)).toMatchObject([{ level: 'error', path, message }]);
  });

  it('cannot be told of an env_file', () => {
    expect(notesOf({ signal: 'HUP', on_change: ['./prod.env'] }, { env_file: 'prod.env' })).toMatchObject([
      {
        level: 'error',
        message: 'the variables of ./prod.env are fixed when a process starts: no reload changes them',
      },
    ]);
  });

  it.each(['code', './env', 'nginx.conf', 'conf.d/*.conf'])('can be told of %s', (entry) => {
    const notes = notesOf({ signal: 'HUP', on_change: [entry] }).filter(({ level }) => level === 'error');
    expect(notes).toEqual([]);
  });

  it('warns of a file that is not there', () => {
    expect(notesOf({ signal: 'HUP', on_change: ['ngnix.conf'] })).toMatchObject([
      { level: 'warning', message: '/srv/shop/ngnix.conf is not there, so no change of it is seen' },
    ]);
  });

  it('is nothing for a scheduled job', () => {
    expect(notesOf({ signal: 'HUP' }, { schedule: '@daily' })).toMatchObject([
      { level: 'error', message: 'a scheduled job reads its settings with every run' },
    ]);
  });
});
