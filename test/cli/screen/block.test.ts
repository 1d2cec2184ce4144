import { describe, expect, it } from 'vitest';
import { openBlock } from '../../../src/cli/screen/block.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { createScreen } from '../support/screen.ts';

function opened(columns?: number, rows?: number) {
  const screen = createScreen(columns, rows);
  const clock = new FakeClock();
  screen.stream.write('$ stateward apply\n');
  return { screen, clock, block: openBlock(screen.stream, clock) };
}

describe('a block', () => {
  it('is drawn in its place, below what was printed before', async () => {
    const { screen, clock, block } = opened();
    block.show(() => ['api  starting', 'web  starting']);
    clock.advance(300);
    block.show(() => ['api  ready', 'web  starting']);
    clock.advance(300);
    expect(await screen.lines()).toEqual(['$ stateward apply', 'api  ready', 'web  starting']);
    block.end(['done']);
    screen.stream.write('next\n');
    expect(await screen.lines()).toEqual(['$ stateward apply', 'done', 'next']);
  });

  it('is drawn at most four times a second, the last state always', () => {
    const { screen, clock, block } = opened();
    let drawn = 0;
    for (let at = 0; at < 100; at += 1) {
      block.show(() => {
        drawn += 1;
        return [`step ${at}`];
      });
      clock.advance(10);
    }
    clock.advance(250);
    expect(drawn).toBeLessThanOrEqual(5);
    expect(screen.written()).toContain('step 99');
    block.end([]);
  });

  it('writes only the lines that have changed, and nothing when none has', () => {
    const { screen, clock, block } = opened();
    block.show(() => ['first', 'second', 'third']);
    const before = screen.written().length;
    clock.advance(300);
    block.show(() => ['first', 'second', 'third']);
    clock.advance(300);
    expect(screen.written()).toHaveLength(before);
    block.show(() => ['first', 'other', 'third']);
    const written = screen.written().slice(before);
    expect(written).toContain('other');
    expect(written).not.toContain('first');
    expect(written).not.toContain('third');
    block.end([]);
  });

  it('leaves no line behind when it becomes shorter, or is taken away after a ^C', async () => {
    const { screen, clock, block } = opened();
    block.show(() => ['one', 'two', 'three']);
    clock.advance(300);
    block.show(() => ['one']);
    expect(await screen.lines()).toEqual(['$ stateward apply', 'one']);
    screen.stream.write('^C');
    block.end([]);
    expect(await screen.lines()).toEqual(['$ stateward apply']);
  });

  it('is no higher than the terminal, and cuts what is wider', async () => {
    const { screen, block } = opened(12, 5);
    const sizes: unknown[] = [];
    block.show((size) => {
      sizes.push(size);
      return Array.from({ length: 20 }, (_, at) => `row number ${at} is long`);
    });
    expect(sizes).toEqual([{ columns: 12, rows: 4 }]);
    expect(await screen.lines()).toEqual(['row number…', 'row number…', 'row number…', 'row number…']);
    block.end(['end']);
    expect(await screen.lines()).toEqual(['end']);
  });

  it('takes away the lines that a narrower terminal has wrapped', async () => {
    const { screen, clock, block } = opened(40, 12);
    block.show(() => ['a line of a bit more than twenty columns', 'short']);
    await screen.resize(20, 12);
    clock.advance(300);
    block.refresh();
    expect(await screen.lines()).toEqual(['$ stateward apply', 'a line of a bit mo…', 'short']);
    block.end([]);
    expect(await screen.lines()).toEqual(['$ stateward apply']);
  });

  it('begins below what the shell has written while it was stopped', async () => {
    const { screen, block } = opened();
    block.show(() => ['api  starting']);
    screen.stream.write('[1]+  Stopped\n$ fg\n');
    process.emit('SIGCONT');
    expect(await screen.lines()).toEqual([
      '$ stateward apply',
      'api  starting',
      '[1]+  Stopped',
      '$ fg',
      'api  starting',
    ]);
    block.end([]);
    expect(process.listenerCount('SIGCONT')).toBe(0);
  });
});
