import { describe, expect, it } from 'vitest';
import { codeText, explainCode } from '../../src/cli/help/explain-code.ts';
import { ERROR_CODES } from '../../src/lib/error-codes.ts';
import { EXIT } from '../../src/lib/exit-codes.ts';
import { REASONS } from '../../src/plan/model/reasons.ts';
import { APP_FIELDS } from '../../src/spec/generated/fields.ts';

describe('explain', () => {
  it('knows every code of an error, every reason and every exit code', () => {
    for (const code of Object.keys(ERROR_CODES))
      expect(explainCode(code)).toMatchObject({ code, kind: 'error' });
    for (const code of Object.keys(REASONS))
      expect(explainCode(code)).toMatchObject({ code, kind: 'reason' });
    for (const code of Object.values(EXIT).map(String)) {
      expect(explainCode(code)).toMatchObject({ code, kind: 'exit code' });
    }
    expect(explainCode('wipe_guard')).toMatchObject({ code: 'WIPE_GUARD' });
  });

  it('says of every error what it means and the way out, each in a sentence of its own', () => {
    const sentences = Object.keys(ERROR_CODES).flatMap((code) => {
      const { text = '', wayOut = '' } = explainCode(code) ?? {};
      for (const sentence of [text, wayOut])
        expect([code, sentence]).toEqual([code, expect.stringMatching(/^.{15,}\.$/)]);
      return [text, wayOut];
    });
    expect(new Set(sentences.filter((_, at) => at % 2 === 0)).size).toBe(Object.keys(ERROR_CODES).length);
    const guard = explainCode('WIPE_GUARD');
    expect(guard).toMatchObject({
      exitCode: EXIT.GUARD,
      wayOut: expect.stringContaining('--allow-wipe') as string,
    });
    expect(guard && codeText(guard)).toMatch(
      /^WIPE_GUARD {2}<error>\n\n {2}Applying would[^]*--allow-wipe\.\n\n {2}As an error, it ends a command with 6/,
    );
  });

  it('takes no field for a code', () => {
    expect(Object.keys(APP_FIELDS).filter((field) => explainCode(field) !== null)).toEqual([]);
    expect(explainCode('99')).toBeNull();
  });
});
