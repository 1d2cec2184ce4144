import { describe, expect, it } from 'vitest';
import { diffSpecs } from '../../../src/spec/field-diff.ts';
import { templateHash } from '../../../src/spec/hash.ts';
import { denormaliseApp } from '../../../src/spec/normalise/denormalise.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { contextWith, specOf } from '../support/context.ts';

function notesOf(source: object, app: object = {}): readonly string[] {
  const { notes } = normalise({ script: 'a.js', env: { KEY: { ...source } }, ...app }, contextWith({}));
  return notes.filter(({ level }) => level === 'error').map(({ message }) => message);
}

describe('where a variable is read', () => {
  it('is kept apart from values, with absolute paths', () => {
    const spec = specOf({
      env: { A: 'x', B: { from_file: './b' }, C: { from_exec: ['echo', 1] }, D: { a: 1 } },
    });
    expect(spec.env).toEqual({ A: 'x', D: '{"a":1}' });
    expect(spec.env_from).toEqual({ B: { from_file: '/srv/shop/b' }, C: { from_exec: ['echo', '1'] } });
    expect(denormaliseApp(spec)['env']).toEqual({ ...spec.env, ...spec.env_from });
  });

  it('takes the place of a value below it, and gives way to one above it', () => {
    const over = (env: object, overlay: object) => {
      const context = contextWith({ envName: 'prod' });
      return normalise({ script: 'a.js', env, env_prod: overlay } as never, context).spec;
    };
    const source = { from_env: 'X' };
    expect(over({ K: 'x' }, { K: source })).toMatchObject({ env: {}, env_from: { K: source } });
    expect(over({ K: source }, { K: 'x' })).toMatchObject({ env: { K: 'x' }, env_from: {} });
    expect(over({ K: source }, { K: null })).toMatchObject({ env: {}, env_from: {} });
  });

  it('is one field with the value, and needs a new process', () => {
    const [value, source] = [specOf({ env: { K: 'x' } }), specOf({ env: { K: { from_env: 'X' } } })];
    expect(templateHash(value)).not.toBe(templateHash(source));
    expect(diffSpecs(value, source)).toEqual([
      { path: 'env.K', before: 'x', after: { from_env: 'X' }, class: 'template', redacted: false },
    ]);
  });

  it.each<[object, string]>([
    [{ from_fil: './x' }, 'unknown key "from_fil"'],
    [{ fromFile: './x' }, 'unknown key "fromFile"'],
    [{ from_file: './x', from_env: 'Y' }, 'from_file and from_env say where the value is'],
    [{ from_env: 'Y', key: 'a' }, 'key is for from_sops'],
    [{ from_exec: ['a'], default: 'b' }, 'a program that fails is a failure'],
    [{ from_env: 'Y', default: 'b', optional: true }, 'with a default it is always there'],
    [{ from_credential: '..' }, 'is no name of a credential'],
  ])('is refused: %j', (source, message) => {
    expect(notesOf(source).join('\n')).toContain(message);
  });

  it('is not that of a variable which a port sets', () => {
    expect(notesOf({}, { port: 80, env: { PORT: { from_env: 'X' } } })).toEqual([
      'a port of the app says what this variable is',
    ]);
  });
});
