import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_PATHS } from '../../src/spec/commands/command-paths.ts';
import { escapeApp } from '../../src/spec/escape-app.ts';
import { readShellLine, writeShellLine } from '../../src/spec/commands/shell-line.ts';

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

  it.each(COMMAND_PATHS)('leaves it to the shell of a command at %s %s', (...path) => {
    const command = ['sh', '-c', 'kill ${MAINPID}', '${A}'];
    const app = (words: readonly string[]): object =>
      path.reduceRight<object>((inner, key) => ({ [key]: inner, timeout: 1 }), words);
    expect(escapeApp(app(command) as never)).toEqual(app([...command.slice(0, 3), '$${A}']));
  });

  it('knows every place of a command', () => {
    const file = new URL('../../schema/ecosystem.schema.json', import.meta.url);
    const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as {
      definitions: Record<string, { properties?: Record<string, unknown> }>;
    };
    const found: string[] = [];
    const look = (schema: unknown, path: readonly string[]): void => {
      const { $ref, properties } = schema as { $ref?: string; properties?: Record<string, unknown> };
      const inner = $ref?.startsWith('#/definitions/') ? definitions[$ref.slice(14)] : undefined;
      if (inner !== undefined) look(inner, path);
      for (const [key, value] of Object.entries(properties ?? {})) {
        const { type, items } = value as { type?: unknown; items?: unknown };
        if (key === 'command' && type === 'array' && items !== undefined && path.length > 0)
          found.push([...path, key].join('.'));
        else look(value, [...path, key]);
      }
    };
    look(definitions['app'], []);
    expect(found.toSorted()).toEqual(COMMAND_PATHS.map((path) => path.join('.')).toSorted());
  });

  it('gives back every shell line', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ' ') });
    fc.assert(fc.property(text, (line) => readShellLine(writeShellLine(line)) === line));
  });
});
