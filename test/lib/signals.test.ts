import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { killArgument, nearestSignal, SIGNAL_NAMES, signalNamed } from '../../src/lib/signals.ts';

describe('signals by name', () => {
  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['term', 'SIGTERM'],
    ['SigTerm', 'SIGTERM'],
    [' HUP ', 'SIGHUP'],
    ['15', 'SIGTERM'],
    [9, 'SIGKILL'],
    ['IOT', 'SIGABRT'],
    ['SIGRTMIN', 'SIGRTMIN+0'],
    ['SIGRTMIN+3', 'SIGRTMIN+3'],
    ['rtmin+3', 'SIGRTMIN+3'],
    [37, 'SIGRTMIN+3'],
    ['SIGRTMAX', 'SIGRTMIN+30'],
    ['SIGRTMAX-14', 'SIGRTMIN+16'],
  ])('%s is %s', (word, name) => {
    expect(signalNamed(word)).toBe(name);
  });

  it.each([
    '',
    '0',
    '32',
    '33',
    '65',
    '-1',
    '1.5',
    'SIG',
    'SIGTEMR',
    'SIGRTMIN+31',
    'SIGRTMIN-1',
    'SIGRTMAX+1',
    'constructor',
    'SIGSIGTERM',
  ])('%j is none', (word) => {
    expect(signalNamed(word)).toBeUndefined();
  });

  it.skipIf(process.platform !== 'linux')('have the numbers of the kernel', () => {
    for (const name of SIGNAL_NAMES)
      expect(signalNamed(constants.signals[name as NodeJS.Signals])).toBe(name);
  });

  it('are sent by name, and real-time ones by number', () => {
    expect(killArgument('SIGTERM')).toBe('SIGTERM');
    expect(killArgument('SIGRTMIN+3')).toBe(37);
  });

  it.each([
    ['TREM', 'SIGTERM'],
    ['SIGTEMR', 'SIGTERM'],
    ['sigqit', 'SIGQUIT'],
    ['HPU', 'SIGHUP'],
    ['whatever', null],
  ])('of %s one is near: %s', (word, name) => {
    expect(nearestSignal(word)).toBe(name);
  });
});
