import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_APPS, RENDERED } from './support/examples.ts';
import { releaseSchemas } from './support/release-schemas.ts';
import { render } from './support/render.ts';

const load = createRequire(import.meta.url);
const faults = releaseSchemas((path) => load(`kubernetes-models/${path}`) as unknown);

describe('by the schemas of a release', () => {
  it.each(RENDERED)('%s is what it takes', async (_, objects) => {
    for (const object of objects) expect([object.kind, await faults(object)]).toEqual([object.kind, []]);
  });

  it('any apps are', async () => {
    await fc.assert(
      fc.asyncProperty(ANY_APPS, async (apps) => {
        for (const object of render(apps).objects) expect(await faults(object)).toEqual([]);
      }),
    );
  });

  it('what has other types, or fields that it does not know, is none', async () => {
    const [deployment] = (RENDERED[0]?.[1] ?? []).filter(({ kind }) => kind === 'Deployment');
    if (deployment === undefined) throw new Error('no Deployment');
    const other = (spec: Record<string, unknown>): Promise<readonly string[]> =>
      faults({ ...deployment, spec: { ...deployment.spec, ...spec } });
    expect(await other({ replicas: '3' })).toEqual([expect.stringContaining('replicas')]);
    expect(await other({ replicaz: 3 })).toEqual(['the release knows no .spec.replicaz']);
    expect(await faults({ ...deployment, kind: 'Deploy' })).toEqual(['the release has no Deploy of apps/v1']);
  });
});
