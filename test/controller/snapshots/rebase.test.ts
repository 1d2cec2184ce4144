import { describe, expect, it } from 'vitest';
import { folderPairs, rebase } from '../../../src/controller/snapshots/rebase.ts';

describe('folders of a checkout', () => {
  it.each([
    ['/ci/shop/ecosystem.yaml', '/srv/shop/ecosystem.yaml', '/ci/shop', '/ci/shop', '/srv/shop'],
    ['/ci/shop/deploy/e.yaml', '/srv/shop/deploy/e.yaml', '/ci/shop', '/ci/shop', '/srv/shop'],
    ['/ci/shop/deploy/e.yaml', '/srv/other/e.yaml', '/ci/shop', '/ci/shop/deploy', '/srv/other'],
    ['/ci/shop/e.yaml', '/srv/e.yaml', null, '/ci/shop', '/srv'],
  ])('%s stands for %s', (here, there, top, from, to) => {
    expect(folderPairs({ here, there }, top)[0]).toEqual({ here: from, there: to });
  });

  it.each([
    ['/ci/shop', '/srv/shop'],
    ['/ci/shop/web.js', '/srv/shop/web.js'],
    ['--require=/ci/shop/hook.js', '--require=/srv/shop/hook.js'],
    ['/ci/shop/a:/ci/shop/b', '/srv/shop/a:/srv/shop/b'],
    ['/ci/shop2/web.js', '/ci/shop2/web.js'],
    ['/ci/shop-old', '/ci/shop-old'],
    ['/mnt/ci/shop/web.js', '/mnt/ci/shop/web.js'],
    ['/ci/shop/deploy/x', '/srv/deploy/x'],
  ])('%s is %s there', (here, there) => {
    const pairs = [
      { here: '/ci/shop', there: '/srv/shop' },
      { here: '/ci/shop/deploy', there: '/srv/deploy' },
    ];
    expect(rebase({ texts: [here], kept: 1 }, pairs)).toEqual({ texts: [there], kept: 1 });
  });
});
