import { describe, expect, it } from 'vitest';
import { diffFrame } from '../../../src/cli/screen/diff-frame.ts';
import { createScreen } from '../support/screen.ts';

const size = { columns: 20, rows: 4, colors: true };

describe('a frame', () => {
  it('is written whole at first, and then only where it differs', async () => {
    const screen = createScreen(20, 4);
    const first = diffFrame(null, ['title', 'api  ready', 'web  ready', 'keys'], size);
    screen.stream.write(first.bytes);
    expect(await screen.lines()).toEqual(['title', 'api  ready', 'web  ready', 'keys']);
    const next = diffFrame(first.shown, ['title', 'api  ready', 'web  gone', 'keys'], size);
    expect(next.bytes).toContain('gone');
    expect(next.bytes).not.toContain('api');
    screen.stream.write(next.bytes);
    expect(await screen.lines()).toEqual(['title', 'api  ready', 'web  gone', 'keys']);
    expect(diffFrame(next.shown, ['title', 'api  ready', 'web  gone', 'keys'], size).bytes).toBe('');
  });

  it('fills the terminal to its last column and line, and takes away what was longer', async () => {
    const screen = createScreen(20, 4);
    const full = Array.from({ length: 6 }, (_, at) => String(at).repeat(25));
    const first = diffFrame(null, full, size);
    screen.stream.write(first.bytes);
    expect(await screen.lines()).toEqual([0, 1, 2, 3].map((at) => `${String(at).repeat(19)}…`));
    screen.stream.write(diffFrame(first.shown, ['short'], size).bytes);
    expect(await screen.lines()).toEqual(['short']);
  });

  it('lets nothing of a hostile line through', async () => {
    const screen = createScreen(60, 4);
    const hostile = 'a\u001b[2J\u001b[1;1H\u001b]52;c;eA==\u0007\u001bPq\u001b\\\u009b3Jb';
    screen.stream.write(diffFrame(null, ['title', hostile], { ...size, columns: 60 }).bytes);
    expect((await screen.lines())[0]).toBe('title');
    expect((await screen.lines())[1]).toMatch(/^a\\x1b\[2J\\x1b\[1;1H/);
  });
});
