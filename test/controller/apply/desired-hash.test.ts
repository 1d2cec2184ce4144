import { describe, expect, it, vi } from 'vitest';
import type * as Canonical from '../../../src/lib/values/canonical-json.ts';
import { atOnce } from '../../../src/lib/turns/pieces.ts';
import { desiredHash } from '../../../src/controller/apply/desired-hash.ts';
import type { ProjectSpec } from '../../../src/spec/types.ts';
import type { Projects } from '../../../src/state/desired/reducer.ts';
import { makeSpec } from '../../plan/fixtures.ts';

const written = vi.hoisted(() => ({ bytes: 0 }));

vi.mock('../../../src/lib/values/canonical-json.ts', async (original) => {
  const actual = await original<typeof Canonical>();
  return {
    ...actual,
    canonicalJson: (value: unknown) => {
      const text = actual.canonicalJson(value);
      written.bytes += text.length;
      return text;
    },
  };
});

function shop(...names: readonly string[]): ProjectSpec {
  const apps = names.map((name) => makeSpec({ name, env: { TEXT: 'x'.repeat(10_000) } }));
  return { project: 'shop', source: { files: ['/srv/ecosystem.yaml'], env: null }, apps };
}

/** What is kept of a project, as far as it counts here. */
function kept({ project, apps }: ProjectSpec): Projects {
  const records = Object.fromEntries(apps.map((spec) => [spec.name, { spec }]));
  return new Map([[project, { apps: records }]]) as unknown as Projects;
}

const copy = (project: ProjectSpec): ProjectSpec => JSON.parse(JSON.stringify(project)) as ProjectSpec;

describe('the hash of what is declared', () => {
  const NONE: Projects = new Map();

  it('is the same whatever is kept, and in whatever order the apps stand', () => {
    const declared = shop('api', 'web');
    const hash = atOnce(desiredHash([declared], NONE));
    expect(atOnce(desiredHash([copy(declared)], kept(shop('api', 'web'))))).toBe(hash);
    expect(atOnce(desiredHash([copy(declared)], kept(shop('api'))))).toBe(hash);
    expect(atOnce(desiredHash([shop('web', 'api')], NONE))).toBe(hash);
  });

  it('is another one with another field, app or project', () => {
    const declared = shop('api', 'web');
    const others = [
      shop('api'),
      { ...declared, project: 'other' },
      { ...declared, apps: declared.apps.map((app) => ({ ...app, kill_timeout: 1 })) },
    ];
    const hashes = [declared, ...others].map((one) => atOnce(desiredHash([one], kept(declared))));
    expect(new Set(hashes).size).toBe(4);
  });

  it('writes out what is kept once, and what is declared again as it is kept not at all', () => {
    const records = kept(shop('api', 'web'));
    const hash = atOnce(desiredHash([shop('api', 'web')], records));
    written.bytes = 0;
    expect(atOnce(desiredHash([shop('api', 'web')], records))).toBe(hash);
    expect(written.bytes).toBeLessThan(1_000);
  });
});
