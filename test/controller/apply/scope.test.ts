import { expect, test } from 'vitest';
import type { ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import { scopeOf } from '../../../src/controller/apply/host-snapshot.ts';
import { appKey } from '../../../src/lib/app-key.ts';

const APPS = [appKey('shop', 'web'), appKey('shop', 'old'), appKey('blog', 'web')];

/** Of an apply of project `shop`, which declares `web`. */
function inScope(request: Pick<ApplyRequest, 'prune' | 'only'>): readonly string[] {
  const projects = [{ project: 'shop', apps: [{ name: 'web' }] }] as unknown as ApplyRequest['projects'];
  return APPS.filter(scopeOf({ ...request, projects } as ApplyRequest));
}

test.each([
  ['everything of its projects where it prunes', { prune: true, only: null }, ['shop/web', 'shop/old']],
  ['what is declared where it does not', { prune: false, only: null }, ['shop/web']],
  ['what is named, whether it prunes or not', { prune: true, only: ['web'] }, ['shop/web']],
  ['what is named, declared or not', { prune: false, only: ['old'] }, ['shop/old']],
  ['nothing where no name is', { prune: true, only: [] }, []],
])('an apply is about %s', (_, request, apps) => {
  expect(inScope(request)).toEqual(apps);
});
