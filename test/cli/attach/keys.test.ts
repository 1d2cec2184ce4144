import { describe, expect, it } from 'vitest';
import { DetachKeys, parseDetachKeys } from '../../../src/cli/attach/detach-keys.ts';
import { TerminalModes } from '../../../src/cli/attach/terminal-modes.ts';

describe('the keys that detach', () => {
  it.each([
    ['ctrl-p,ctrl-q', [16, 17]],
    ['ctrl-P', [16]],
    ['ctrl-],d', [29, 100]],
    ['ctrl-@,ctrl-\\,ctrl-^,ctrl-_,ctrl-[', [0, 28, 30, 31, 27]],
    ['~,.', [126, 46]],
  ])('are spelt %s', (text, bytes) => {
    expect([...parseDetachKeys(text)]).toEqual(bytes);
  });

  it.each(['', 'ctrl-', 'ctrl-1', 'ab', 'ctrl-p,,ctrl-q', ' '])('are not spelt %j', (text) => {
    expect(() => parseDetachKeys(text)).toThrow('is not a key');
  });

  const USUAL = parseDetachKeys('ctrl-p,ctrl-q');
  it.each([
    ['a\x10\x11b', 'a', true],
    ['a\x10b\x11', 'a\x10b\x11', false],
    ['\x10\x10\x11', '\x10', true],
    ['\x10', '', false],
    ['plain', 'plain', false],
  ])('of %j pass %j', (typed, passed, detaches) => {
    const taken = new DetachKeys(USUAL).take(Buffer.from(typed));
    expect([taken.passed.toString(), taken.detaches]).toEqual([passed, detaches]);
  });

  it('are known wherever they are cut', () => {
    const keys = new DetachKeys(USUAL);
    expect(keys.take(Buffer.from('a\x10')).passed.toString()).toBe('a');
    expect(keys.take(Buffer.from('\x11'))).toMatchObject({ detaches: true });
    const other = new DetachKeys(USUAL);
    other.take(Buffer.from('\x10'));
    expect(other.take(Buffer.from('z')).passed.toString()).toBe('\x10z');
  });
});

describe('a terminal that was looked at', () => {
  function restored(...shown: readonly string[]): string {
    const modes = new TerminalModes();
    for (const text of shown) modes.watch(Buffer.from(text));
    return modes.restored();
  }

  it('is left without what a program has turned on', () => {
    expect(restored('\x1b[?1049h\x1b[?25l')).toBe('\x1b[?1049l\x1b[?25h\x1b[0m');
    expect(restored('\x1b[?1000;1006h')).toBe('\x1b[?1000l\x1b[?1006l\x1b[0m');
    expect(restored('\x1b[?20', '04h')).toBe('\x1b[?2004l\x1b[0m');
  });

  it('is left alone where the program has put it right', () => {
    expect(restored('\x1b[?1049h\x1b[?25l', 'x', '\x1b[?25h\x1b[?1049l')).toBe('\x1b[0m');
  });
});
