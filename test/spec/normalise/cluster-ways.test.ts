import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { contextWith, FILE, MISSING } from '../support/context.ts';

const SCRIPTS = {
  start: 'NODE_ENV=production node --enable-source-maps dist/server.js --port 3000',
  serve: 'next start -p 3000',
  dev: 'tsx watch src/server.ts',
  chain: 'npm run serve',
  several: 'npm run build && node dist/server.js',
  loop: 'npm run loop',
};

function noteOf(app: App): { readonly message: string; readonly hint: string } {
  const context = contextWith({ packageScripts: () => SCRIPTS });
  const { spec, notes } = normalise(app, context);
  const note = notes.find(({ message }) => message.includes('fork mode'));
  expect(spec.exec_mode).toBe('fork');
  return { message: note?.message ?? '', hint: note?.hint ?? '' };
}

describe('what cannot share its sockets', () => {
  it.each<App>([
    { script: 'app.py' },
    { script: 'server.ts', interpreter: 'deno' },
    { script: 'deno', args: 'run server.ts' },
  ])('%j has no file for Node to name', (app) => {
    const { hint } = noteOf({ ...app, exec_mode: 'cluster', instances: 2 });
    expect(hint).toBe('`exec_mode: fork` with `increment_var: PORT`, a port each');
  });

  it.each<[App, string]>([
    [
      { script: 'src/server.ts', interpreter: 'tsx' },
      '`script: /srv/shop/src/server.ts`, `interpreter: node`, `interpreter_args: --import tsx`',
    ],
    [
      { script: 'tsx', args: 'src/server.ts --x' },
      '`script: src/server.ts`, `interpreter: node`, `interpreter_args: --import tsx`, `args: --x`',
    ],
    [
      { script: 'a.ts', interpreter: './node_modules/.bin/ts-node' },
      '`interpreter_args: --require ts-node/register`',
    ],
    [
      { script: 'npm', args: 'start' },
      '`script: dist/server.js`, `interpreter: node`, `interpreter_args: --enable-source-maps`, `args: --port 3000`',
    ],
    [{ script: 'npm start' }, '`script: dist/server.js`'],
    [
      { script: 'yarn', args: ['serve'] },
      '`script: node_modules/.bin/next`, `interpreter: node`, `args: start -p 3000`',
    ],
    [{ script: 'pnpm run chain' }, '`script: node_modules/.bin/next`'],
    [
      { script: 'npm', args: 'run dev' },
      '`script: src/server.ts`, `interpreter: node`, `interpreter_args: --import tsx`',
    ],
    [
      { script: 'npx', args: '--yes next start' },
      '`script: node_modules/.bin/next`, `interpreter: node`, `args: start`',
    ],
    [{ script: 'node server.js --a b' }, '`script: server.js`, `interpreter: node`, `args: --a b`'],
    [{ script: 'npm', args: 'run several' }, 'name the .js file'],
    [{ script: 'npm', args: 'run loop' }, 'name the .js file'],
    [{ script: 'npm run unknown' }, 'name the .js file'],
    [
      { script: 'bun', args: 'run server.ts' },
      '`script: server.ts`, `interpreter: node`, `interpreter_args: --import tsx`',
    ],
    [{ script: 'bun', args: 'server.js' }, '`script: server.js`, `interpreter: node`; or'],
    [
      { script: 'server.ts', interpreter: 'bun' },
      'server.ts`, `interpreter: node`, `interpreter_args: --import tsx`',
    ],
    [{ script: 'bun', args: 'run chain' }, '`script: node_modules/.bin/next`'],
    [
      { script: 'bunx', args: 'tsx a.ts' },
      '`script: a.ts`, `interpreter: node`, `interpreter_args: --import tsx`',
    ],
  ])('%j is told of the way that works', (app, way) => {
    const { message, hint } = noteOf({ ...app, instances: 2 });
    expect(message).toContain('of 2 that listen on one port, one gets it');
    expect(hint).toContain(way);
    expect(hint).toContain('increment_var');
  });

  it('is a program that starts Node itself, also where Node runs it', () => {
    const files = { '/srv/shop/node_modules/.bin/tsx': { ...FILE, shebang: '/usr/bin/env node' } };
    const context = contextWith({ files });
    const app = {
      script: 'node_modules/.bin/tsx',
      args: 'a.ts',
      exec_mode: 'cluster',
      instances: 2,
    } as const;
    const { spec, notes } = normalise(app, context);
    expect(spec.exec_mode).toBe('fork');
    expect(notes[0]?.hint).toContain('`script: a.ts`, `interpreter: node`, `interpreter_args: --import tsx`');
  });

  it('is said once cluster is asked for, and of one instance without the ports', () => {
    expect(noteOf({ script: 'a.py', exec_mode: 'cluster' }).message).toContain('only a Node script');
    const silent = [
      { script: 'a.py', instances: 2 },
      { script: 'a && b', instances: 2 },
      { script: 'npm', instances: 1 },
    ];
    for (const app of silent) expect(noteOf(app).message).toBe('');
  });
});

describe('a command on PATH', () => {
  const files = {
    '/usr/bin/next': { ...FILE, shebang: '/usr/bin/env node', executable: true },
    '/usr/bin/npm': { ...FILE, shebang: '/usr/bin/env node', executable: true },
    '/usr/bin/tool': { ...FILE, shebang: '/bin/sh', executable: true },
    '/bin/bash': MISSING,
  };
  const context = contextWith({ files, environment: { PATH: '/bin:/usr/bin' } });

  it('whose first line names Node runs in cluster mode, as with PM2', () => {
    expect(normalise({ script: 'next', args: 'start', instances: 2 }, context)).toMatchObject({
      spec: { script: '/usr/bin/next', interpreter: 'node', exec_mode: 'cluster', args: ['start'] },
      notes: [],
    });
    expect(normalise({ script: 'next', exec_mode: 'cluster' }, context).spec.exec_mode).toBe('cluster');
  });

  it('is a program like any other in fork mode, and where Node does not run it', () => {
    expect(normalise({ script: 'next' }, context).spec).toMatchObject({
      script: 'next',
      interpreter: 'none',
    });
    expect(normalise({ script: 'next', instances: 2, exec_mode: 'fork' }, context).spec.script).toBe('next');
    expect(normalise({ script: 'tool', instances: 2 }, context).spec).toMatchObject({
      script: 'tool',
      exec_mode: 'fork',
    });
    expect(normalise({ script: 'npm', instances: 2 }, context).spec).toMatchObject({
      script: 'npm',
      exec_mode: 'fork',
    });
  });
});
