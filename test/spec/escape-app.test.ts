import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeApp } from '../../src/spec/escape-app.ts';
import { readShellLine, writeShellLine } from '../../src/spec/shell-line.ts';

describe('an app that is printed as a file', () => {
  it('leaves ${VAR} to the shell where it was left to it, and escapes it elsewhere', () => {
    expect(
      escapeApp({
        script: 'echo ${A} $$',
        shell: true,
        env: { B: '${A}' },
        readiness: { exec: { command: ['bash', '-c', '${A}', '${B}'] }, period: '1s' },
      }),
    ).toEqual({
      script: 'echo ${A} $$',
      shell: true,
      env: { B: '$${A}' },
      readiness: { exec: { command: ['bash', '-c', '${A}', '$${B}'] }, period: '1s' },
    });
    expect(escapeApp({ script: 'bash', args: ['-c', '${A}', '${A}'] })).toEqual({
      script: 'bash',
      args: ['-c', '${A}', '$${A}'],
    });
    expect(escapeApp({ script: '/srv/${A}.js', args: ['${A}'] })).toEqual({
      script: '/srv/$${A}.js',
      args: ['$${A}'],
    });
  });

  it('gives back every shell line', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ' ') });
    fc.assert(fc.property(text, (line) => readShellLine(writeShellLine(line)) === line));
  });
});
