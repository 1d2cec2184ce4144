import { describe, expect, it } from 'vitest';
import { unchanging } from '../../../src/lib/values/live.ts';
import { WorkPlaces } from '../../../src/controller/sources/work-places.ts';
import type { SourceSpec } from '../../../src/sources/model/source.ts';
import { followSpec } from '../../sources/support.ts';

function gitSpec(name: string, remote: string): SourceSpec {
  return followSpec({
    name,
    from: {
      ...{ kind: 'git', remote, insecure: true, ref: { branch: 'main' }, path: '', auth: { kind: 'none' } },
      ...{ allowForcePush: false, verify: null, build: null, hooks: {}, webhook: null, keep: 1 },
    },
  });
}

/** Begins looks that never end, and gives which of them have begun. */
async function begun(specs: readonly SourceSpec[]): Promise<readonly string[]> {
  const places = new WorkPlaces(unchanging(4));
  const names: string[] = [];
  for (const spec of specs) {
    void places.of(spec).look.run(async () => {
      names.push(spec.name);
      await new Promise(() => undefined);
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  return names;
}

describe('looks at sources', () => {
  it('that get no answer hold up those at the same host, and nobody else', async () => {
    const stalled = Array.from({ length: 9 }, (_, index) =>
      gitSpec(`stalled-${index}`, `https://git.example.org/${index}.git`),
    );
    const names = await begun([
      ...stalled,
      gitSpec('by-ssh', 'git@other.example.org:shop.git'),
      gitSpec('on-disk', '/srv/git/shop.git'),
      followSpec({ name: 'followed' }),
    ]);
    expect(names).toEqual([
      'stalled-0',
      'stalled-1',
      'stalled-2',
      'stalled-3',
      'by-ssh',
      'on-disk',
      'followed',
    ]);
  });
});
