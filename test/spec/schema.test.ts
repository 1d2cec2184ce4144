import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { APP_TEXTS, ROOT_TEXTS } from '../../src/spec/generated/field-texts.ts';
import { APP_FIELDS, ROOT_FIELDS } from '../../src/spec/generated/fields.ts';
import { specOf } from './support/context.ts';

function schemaOf(name: string) {
  const text = readFileSync(join(import.meta.dirname, '../../schema', name), 'utf8');
  return new Ajv({ strict: false }).compile(JSON.parse(text) as Readonly<Record<string, unknown>>);
}

const editor = schemaOf('ecosystem.schema.json');
const overEditor = schemaOf('merge.schema.json');

const texts = { ...ROOT_TEXTS, ...APP_TEXTS };
const fields = Object.entries({ ...ROOT_FIELDS, ...APP_FIELDS }).map(
  ([path, field]) => [path, { ...field, ...textOf(path) }] as const,
);

function textOf(path: string) {
  const text = texts[path];
  if (text === undefined) throw new Error(`nothing is said of ${path}`);
  return text;
}

describe('every field of the schema', () => {
  it.each(fields)('%s has a description, a default, an example and a change class', (_path, field) => {
    expect(field.description).toMatch(/^.+\.$/s);
    expect(field.default !== null || field.defaultText !== null).toBe(true);
    expect(field.examples.length).toBeGreaterThan(0);
    expect(['template', 'scale', 'live']).toContain(field.class);
    expect(field.type).not.toBe('');
  });

  it.each(Object.entries(APP_FIELDS).filter(([path]) => !path.includes('.') && !path.includes('<')))(
    '%s takes its own examples',
    (name) => {
      for (const example of textOf(name).examples) {
        expect({ example, ok: editor({ apps: [{ script: 'a', [name]: example }] }) }).toEqual({
          example,
          ok: true,
        });
      }
    },
  );
});

describe('the schema and the spec', () => {
  it('know the same fields', () => {
    // A part of `env` in a file.
    const declared = Object.keys(specOf()).filter((field) => field !== 'env_from');
    for (const field of declared) expect(APP_FIELDS).toHaveProperty([field]);
  });
});

describe('the schema that editors use', () => {
  it.each([
    [{ apps: [{ exec: 'a', nodeArgs: '--x', maxMemoryRestart: '1G', err_file: 'x' }] }],
    [{ pm2: [{ script: 'a' }] }],
    [{ apps: { api: { script: 'a' } } }],
    [{ apps: { script: 'a', name: 'x' } }],
    [[{ script: 'a' }]],
    [{ script: 'a', instances: 'max' }],
    [{ apps: [{ script: 'a', max_restarts: '${N}', kill_timeout: '${T:-5s}', env_staging: { A: 1 } }] }],
    [{ apps: [{ script: 'a', limits: { memory: '256M', cpu: '0.5', pids: 64 } }] }],
    [{ 'x-defaults': { a: 1 }, apps: [], deploy: { production: {} } }],
  ])('takes %j', (file) => {
    expect({ ok: editor(file), errors: editor.errors }).toEqual({ ok: true, errors: null });
  });

  it.each([
    [{ apps: [{ script: 'a', instnces: 1 }] }],
    [{ apps: [{ name: 'x' }] }],
    [{ apps: [{ script: 'a', max_memory_restart: '512Q' }] }],
    [{ apps: [{ script: 'a', readiness: { http: { port: 1 }, log: 'x' } }] }],
    [{ apps: [{ script: 'a', limits: { cpu: 0 } }] }],
    [{ apps: [{ script: 'a', limits: { cpu: '0.000' } }] }],
    [{ apps: [{ script: 'a', limits: { pids: 0 } }] }],
    [{ apps: [{ script: 'a', limits: { mem: '1G' } }] }],
    [{ app: [] }],
  ])('refuses %j', (file) => {
    expect(editor(file)).toBe(false);
  });
});

describe('the schema of files that are laid over others', () => {
  it.each([
    [{ apps: { web: { instances: 4 } } }],
    [{ apps: { web: null, api: { env: { A: null }, port: null, readiness: null, exec_mode: null } } }],
    [{ apps: { api: { rollout: { max_surge: null }, limits: null, log_rotate: { keep: null } } } }],
    [{ apps: [{ name: 'web', env_production: { A: 1 } }] }],
    [{ defaults: { labels: { tier: 'web' } }, vars: { port: 80 }, templates: { base: null }, env: null }],
    [{ project: 'shop', apps: { added: { script: './x.js' } } }],
    [{ vars: { tag: null } }],
  ])('takes %j', (file) => {
    expect({ ok: overEditor(file), errors: overEditor.errors }).toEqual({ ok: true, errors: null });
  });

  it.each([
    [{ apps: { web: { instnces: 4 } } }],
    [{ apps: { web: { max_memory_restart: '512Q' } } }],
    [{ apps: { web: { readiness: { http: { prt: 80 } } } } }],
    [{ apps: [{ name: 'web', exec_mode: 'clster' }] }],
    [{ defaults: { name: 'x' } }],
    [{ app: {} }],
  ])('refuses %j', (file) => {
    expect(overEditor(file)).toBe(false);
  });
});
