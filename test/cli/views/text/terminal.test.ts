import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../../../src/cli/views/text/terminal.ts';

const terminal = { write: () => true, isTTY: true };
const pipe = { write: () => true };

describe('colours', () => {
  it.each([
    ['a terminal', terminal, {}, false, true],
    ['a pipe', pipe, {}, false, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, false, false],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, false, false],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }, false, true],
    ['a terminal with --no-color', terminal, {}, true, false],
    ['a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, false, true],
    ['a terminal with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false, false],
    ['a pipe with FORCE_COLOR and NO_COLOR', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, false, false],
    ['a pipe with FORCE_COLOR and --no-color', pipe, { FORCE_COLOR: '1' }, true, false],
  ])('on %s', (_name, stream, env, noColor, expected) => {
    expect(wantsColor(stream, { env, noColor })).toBe(expected);
  });
});
