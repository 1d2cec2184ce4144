import { describe, expect, it } from 'vitest';
import { explainCode } from '../../src/cli/help/explain-code.ts';
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

  it('takes no field for a code', () => {
    expect(Object.keys(APP_FIELDS).filter((field) => explainCode(field) !== null)).toEqual([]);
    expect(explainCode('99')).toBeNull();
  });
});
