import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));
const ENTERED = '\u001b[?1049h';
const LEFT = '\u001b[?25h\u001b[?1049l';

/** Shows a frame, and fails in the way that its argument says. */
const PROGRAM = `
import { openFullScreen } from './cli/screen/full-screen.ts';
import { systemClock } from './lib/clocks/clock.ts';
const how = process.argv[2];
let drawn = 0;
const screen = openFullScreen({
  input: process.stdin, output: process.stdout, clock: systemClock, colors: true,
  frame: () => {
    if (how === 'first' || (how === 'later' && drawn > 0)) throw new Error('cannot draw it');
    drawn += 1;
    return ['shown'];
  },
  onInput: () => {}, onSize: () => {}, onEnd: () => {},
});
if (how === 'later') setTimeout(() => screen.wanted(), 20);
if (how === 'rejected') setTimeout(() => void Promise.reject(new Error('cannot draw it')), 20);
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swscreen-'));
  buildSync({
    stdin: { contents: PROGRAM, resolveDir: SOURCE, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'cjs', outfile: join(folder, 'program.cjs') },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the full screen', () => {
  it.each(['first', 'later', 'rejected'])(
    'gives the terminal back before an error nobody caught is told (%s)',
    async (how) => {
      const line = `${process.execPath} ${join(folder, 'program.cjs')} ${how}; echo code $?; stty -a`;
      const child = spawn('script', ['-qec', line, '/dev/null'], {
        env: { ...process.env, TERM: 'xterm-256color' },
      });
      const seen = await text(child.stdout);
      expect(seen).toContain(ENTERED);
      const after = seen.slice(seen.indexOf(LEFT));
      expect(after).toContain('Error: cannot draw it');
      expect(after).toContain('code 1');
      expect(after).toMatch(/ icanon/);
    },
  );
});
