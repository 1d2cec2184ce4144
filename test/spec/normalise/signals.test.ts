import { describe, expect, it } from 'vitest';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import type { SpecNote } from '../../../src/spec/normalise/normalise-context.ts';
import { contextWith, specOf } from '../support/context.ts';

function notesOf(stop_signal: string | number): readonly SpecNote[] {
  return normalise({ script: './api.js', stop_signal }, contextWith()).notes;
}

describe('the signal that asks an app to end', () => {
  it('is SIGINT unless the file says another', () => {
    expect(specOf().stop_signal).toBe('SIGINT');
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['quit', 'SIGQUIT'],
    [15, 'SIGTERM'],
    ['9', 'SIGKILL'],
    ['SIGWINCH', 'SIGWINCH'],
    ['RTMIN+3', 'SIGRTMIN+3'],
  ])('%s is %s', (stop_signal, name) => {
    expect(specOf({ stop_signal }).stop_signal).toBe(name);
    expect(notesOf(stop_signal)).toEqual([]);
  });

  it.each([
    ['SIGTREM', '"SIGTREM" is not a signal', 'did you mean SIGTERM?'],
    ['stop please', '"stop please" is not a signal', 'for example SIGTERM, HUP, 15 or SIGRTMIN+3'],
    [0, '0 is not a signal', 'for example SIGTERM, HUP, 15 or SIGRTMIN+3'],
    [99, '99 is not a signal', 'for example SIGTERM, HUP, 15 or SIGRTMIN+3'],
    ['STOP', 'SIGSTOP ends no process: it suspends the process', 'for example SIGTERM, SIGQUIT or SIGKILL'],
    [
      'CHLD',
      'SIGCHLD ends no process: the kernel sends it to every process whose child ends',
      'for example SIGTERM, SIGQUIT or SIGKILL',
    ],
    [
      '18',
      'SIGCONT ends no process: it has a suspended process go on',
      'for example SIGTERM, SIGQUIT or SIGKILL',
    ],
  ])('cannot be %s', (stop_signal, message, hint) => {
    expect(notesOf(stop_signal)).toEqual([
      { level: 'error', code: 'CONFIG_BAD_VALUE', path: ['stop_signal'], message, hint },
    ]);
  });

  it('is taken with a warning where Node itself answers it', () => {
    expect(notesOf('SIGUSR1')).toMatchObject([
      {
        level: 'warning',
        path: ['stop_signal'],
        message: 'Node itself takes SIGUSR1: it opens the debugger, and the app goes on',
      },
    ]);
  });
});
