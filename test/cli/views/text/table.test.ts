import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';
import { renderTable } from '../../../../src/cli/views/text/table.ts';

describe('tables', () => {
  it('align columns two blanks apart and leave nothing after the last', () => {
    const table = renderTable(
      ['NAME', 'N'],
      [
        [{ text: 'api' }, { text: '1' }],
        [{ text: 'a-longer-name' }, { text: '22' }],
      ],
    );
    expect(table).toBe('NAME           N\napi            1\na-longer-name  22\n');
  });

  it('align by the columns that a text takes in a terminal, not by its length', () => {
    const table = renderTable(null, [
      [{ text: '日本' }, { text: 'x' }],
      [{ text: 'abcd' }, { text: 'x' }],
      [{ text: 'e\u0301abc' }, { text: 'x' }],
    ]);
    expect(table).toBe('日本  x\nabcd  x\ne\u0301abc  x\n');
  });

  it('do not count colours as width', () => {
    const { red } = createStyle(true);
    const table = renderTable(null, [
      [{ text: 'ab', paint: red }, { text: 'x' }],
      [{ text: 'abcd' }, { text: 'x' }],
    ]);
    expect(table).toBe('\u001b[31mab\u001b[39m    x\nabcd  x\n');
  });
});
