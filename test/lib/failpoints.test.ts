import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { armFaults, parseFault } from '../../src/lib/failpoints/faults.ts';
import { FAILPOINTS, type FailpointName } from '../../src/lib/failpoints/names.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const DAEMON = fileURLToPath(new URL('../../dist/daemon.cjs', import.meta.url));

/** The name of every failpoint of the code, one a place. */
function placesInTheCode(): readonly string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...readFileSync(join(SOURCES, path), 'utf8').matchAll(/\bfailpoint\('([^']+)'\)/g)])
    .map(([, name = '']) => name);
}

/** A file for a fault, and what passes failpoints with it. */
function rig() {
  const folder = mkdtempSync(join(tmpdir(), 'stw-fp-'));
  const file = join(folder, 'fault');
  return {
    pass: armFaults(`@${file}`),
    arm: (fault: string) => writeFileSync(file, fault),
    fired: () => (existsSync(`${file}.fired`) ? readFileSync(`${file}.fired`, 'utf8') : ''),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

describe('the failpoints', () => {
  it('are in the code once each, and no other is', () => {
    expect([...placesInTheCode()].sort()).toEqual(Object.keys(FAILPOINTS).sort());
  });

  it.each([
    ['state.saved', /^a failpoint is name:kill, /],
    ['state.saved:explode', /^a failpoint is name:kill, /],
    ['state.saved:kill@0', /^a failpoint is name:kill, /],
    ['state.gone:kill', /^there is no failpoint state\.gone$/],
    ['constructor:kill', /^there is no failpoint constructor$/],
    ['state.saved:error=EIO', /^nothing can fail at state\.saved$/],
    ['state.write:error=ENOSENSE', /^no system says ENOSENSE$/],
  ])('refuse %s', (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });

  it('do nothing without a fault, nor for another name', () => {
    using faults = rig();
    faults.pass('state.write');
    faults.arm('state.synced:error=ENOSPC');
    faults.pass('state.write');
    expect(faults.fired()).toBe('');
  });

  it('have the system say no, each time or the n-th time, until the fault is taken away', () => {
    using faults = rig();
    const codes = (passes: number): readonly unknown[] =>
      Array.from({ length: passes }, () => {
        try {
          faults.pass('state.write');
          return null;
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      });
    faults.arm('state.write:error=ENOSPC');
    expect(codes(2)).toEqual(['ENOSPC', 'ENOSPC']);
    faults.arm('state.write:error=EIO@2');
    expect(codes(3)).toEqual([null, 'EIO', null]);
    faults.arm('');
    expect(codes(1)).toEqual([null]);
    expect(faults.fired()).toBe(`state.write ${process.pid}\n`.repeat(3));
  });

  it('hold the process', () => {
    using faults = rig();
    faults.arm('action.start:delay=30');
    const before = performance.now();
    faults.pass('action.start');
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);
  });

  it('keep a daemon from running with a fault that is misspelt', () => {
    const env = { ...process.env, STATEWARD_FAILPOINT: 'state.sawed:kill' };
    const ran = spawnSync(process.execPath, [DAEMON, '/nowhere'], { env, encoding: 'utf8' });
    expect(ran.status).not.toBe(0);
    expect(ran.stderr).toContain('STATEWARD_FAILPOINT: there is no failpoint state.sawed');
  });

  it('say what is true at each, and of which process', () => {
    const names = Object.keys(FAILPOINTS) as FailpointName[];
    const said = names.map((name) => FAILPOINTS[name].at);
    expect(new Set(said).size).toBe(names.length);
  });
});
