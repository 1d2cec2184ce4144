import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine } from '../../../src/cli/screen/fit-line.ts';
import { withoutColors } from '../../../src/cli/views/text/colors.ts';
import { displayWidth } from '../../../src/cli/views/text/text.ts';

describe('a line of a frame', () => {
  it('is cut to the terminal with an ellipsis, in columns and not in characters', () => {
    expect(fitLine('abcdef', 6)).toEqual({ text: 'abcdef', width: 6 });
    expect(fitLine('abcdefg', 6)).toEqual({ text: 'abcde…', width: 6 });
    expect(fitLine('注文サービス', 7)).toEqual({ text: '注文サ…', width: 7 });
    expect(fitLine('注文サービス', 6)).toEqual({ text: '注文…', width: 5 });
    expect(fitLine('✅✅✅', 5)).toEqual({ text: '✅✅…', width: 5 });
    expect(fitLine('नमस्ते', 10).width).toBe(4);
    expect(fitLine('abc', 0)).toEqual({ text: '', width: 0 });
  });

  it('keeps its colours, and ends them when it is cut', () => {
    expect(fitLine('\u001b[31mred\u001b[39m', 3).text).toBe('\u001b[31mred\u001b[39m\u001b[0m');
    expect(fitLine('\u001b[31mredder\u001b[39m', 4).text).toBe('\u001b[31mred…\u001b[0m');
    expect(fitLine('\u001b[31mred\u001b[39m', 3, false).text).toBe('red');
  });

  it('shows what would steer the terminal', () => {
    expect(fitLine('a\u001b[2Jb\u001b]0;title\u0007c\rd\u009b2Je', 80).text).toBe(
      'a\\x1b[2Jb\\x1b]0;title\\x07c\\x0dd\\x9b2Je',
    );
    expect(fitLine('a\tb', 80)).toEqual({ text: 'a       b', width: 9 });
  });

  it('never is wider than it says, nor lets a control character through, whatever the text', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('ab \u001b[31m;\u0007\r\n\t注✅é\u0301\u200d\u202e\u009b2J')),
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 30 }), (line, width) => {
        const fitted = fitLine(line, width);
        const plain = withoutColors(fitted.text);
        expect(plain).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
        expect(displayWidth(plain)).toBe(fitted.width);
        expect(fitted.width).toBeLessThanOrEqual(width);
      }),
    );
  });
});
