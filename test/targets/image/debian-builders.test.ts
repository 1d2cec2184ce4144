import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Builder, BUILDERS } from './support/builders.ts';
import { DebianRegistry, NO_REGISTRY } from './support/debian-registry.ts';
import { failureOf, following, Shop } from './support/shop.ts';

for (const { name, missing } of BUILDERS)
  if (missing.length > 0) console.log(`skipped, what ${name} builds: there is no ${missing.join(', ')}`);

describe.skipIf(NO_REGISTRY !== null)('a Dockerfile', () => {
  it.for(BUILDERS)(
    'is built and pushed by $name, as who is logged in',
    async ({ name, missing }, { skip }) => {
      skip(missing.length > 0);
      await using shop = await Shop.open();
      await using registry = await DebianRegistry.open({ login: 'basic' });
      await using _builder = await Builder.open(shop, name);
      shop.write('app/Dockerfile', 'FROM scratch\nCOPY api.js /api.js\nCMD ["/api.js"]\n');
      const build = { dockerfile: join(shop.root, 'Dockerfile'), context: shop.root };
      const wanted = { registry: `${registry.host}/shop`, build };
      shop.logIn('right', registry.host);
      const image = await shop.chosen(wanted);
      expect(image.state).toBe('to build');
      const published = await image.publish(following());
      if (!published.ok) throw new Error(JSON.stringify(published.error));
      expect(published.value).toMatch(/\/shop@sha256:[0-9a-f]{64}$/);
      expect(await shop.chosen(wanted)).toMatchObject({ state: 'there', reference: published.value });

      shop.write('app/Dockerfile', 'FROM scratch\nCOPY none.js /api.js\n');
      const failed = failureOf(await (await shop.chosen(wanted)).publish(following()));
      expect(failed.code).toBe('IMAGE_BUILD_FAILED');
      expect(failed.details?.join('\n')).toContain('none.js');
    },
  );
});
