import type { FileFacts, NormaliseContext } from '../../../src/spec/normalise/normalise-context.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

export const MISSING: FileFacts = { kind: 'missing', shebang: null, binary: false, executable: false };
export const FILE: FileFacts = { ...MISSING, kind: 'file' };

/** A host with four processors and a bash, on which every path with an extension is a file. */
export function contextWith(
  given: Partial<NormaliseContext> & { readonly files?: Readonly<Record<string, FileFacts>> } = {},
): NormaliseContext {
  const { files = {}, ...rest } = given;
  return {
    fileDir: '/srv/shop',
    home: '/home/me',
    cpus: 4,
    envName: null,
    environment: {},
    envFile: {},
    inspect: (path) => files[path] ?? (/^\/\S*\.[a-z]+$|^\/bin\/bash$/.test(path) ? FILE : MISSING),
    ...rest,
  };
}

/** The spec of an app whose script is ./api.js unless it says something else. */
export function specOf(app: Partial<App> & Record<string, unknown> = {}, context = contextWith()): AppSpec {
  return normalise({ script: './api.js', ...app }, context).spec;
}
