import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileLate } from '../../../src/lib/memory/compile-late.ts';

function flagsFor(version: string): readonly string[] {
  const set: string[] = [];
  compileLate(version, (flag) => set.push(flag));
  return set;
}

describe('compiling late', () => {
  it('is told to V8 in the words of its version, and to none whose words are not known', () => {
    expect(flagsFor('11.3.244.8-node.38')).toEqual(['--interrupt-budget=1000000']);
    expect(flagsFor('13.6.233.17-node.63')).toEqual([
      '--invocation-count-for-maglev=4000',
      '--invocation-count-for-turbofan=30000',
    ]);
    expect(flagsFor('15.1.1')).toEqual([]);
  });

  it('uses flags that this Node has', () => {
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of flagsFor(process.versions.v8)) expect(known).toContain(`  ${flag.split('=')[0]} (`);
  });
});
