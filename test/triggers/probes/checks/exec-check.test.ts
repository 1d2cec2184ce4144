import { describe, expect, it } from 'vitest';
import { execCheck } from '../../../../src/triggers/probes/checks/exec-check.ts';

const never = new AbortController().signal;

function check(line: string) {
  const command = { name: 'curl', file: '/bin/sh', args: ['-c', line], cwd: '/', env: {} };
  return execCheck(() => Promise.resolve(command))(never);
}

describe('a probe that is a command', () => {
  it('is named as it was declared, and says what its output ends with', async () => {
    const noisy = 'echo "  % Total"; printf "1\\r2\\rcurl: (7) refused\\n\\n" >&2; exit 7';
    expect(await check(noisy)).toEqual({ ok: false, text: 'curl ended with code 7: curl: (7) refused' });
    expect(await check('exit 1')).toEqual({ ok: false, text: 'curl ended with code 1' });
    const long = 'i=0; while [ $i -lt 300 ]; do echo noise; i=$((i+1)); done; echo at last; exit 2';
    expect(await check(long)).toEqual({ ok: false, text: 'curl ended with code 2: at last' });
  });

  it('that ends with 0 has nothing to say', async () => {
    expect(await check('echo fine')).toEqual({ ok: true });
  });
});
