import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';
import { renderLogLine } from '../../../../src/cli/views/apps/log-line.ts';
import { escapeControls } from '../../../../src/cli/views/text/text.ts';

describe('a line of foreign origin', () => {
  it('cannot move the cursor, set the title or ring the bell', () => {
    expect(escapeControls('a\u001b[2Jb\u001b]0;t\u0007c\rd\u009b1m', true)).toBe(
      'a\\x1b[2Jb\\x1b]0;t\\x07c\\x0dd\\x9b1m',
    );
  });

  it('keeps its colours where colours are on, and does not leak them', () => {
    expect(escapeControls('\u001b[31mred\u001b[2K', true)).toBe('\u001b[31mred\\x1b[2K\u001b[0m');
  });

  it('loses its colours where colours are off', () => {
    expect(escapeControls('\u001b[31mred', false)).toBe('\\x1b[31mred');
  });

  it('cannot turn the direction in which the rest is read', () => {
    expect(escapeControls('rm \u202etxt.exe\u2069', false)).toBe('rm \\u202etxt.exe\\u2069');
  });

  it('may end with CR LF', () => {
    const line = { app: 'shop/api', slot: null, stream: 'out', line: 'a\rb\r' } as const;
    expect(renderLogLine(line, { style: createStyle(false), escape: true })).toBe('shop/api | a\\x0db\n');
  });

  it('keeps tabs and everything printable', () => {
    expect(escapeControls('\tgrün 日本 ✓', false)).toBe('\tgrün 日本 ✓');
  });
});
