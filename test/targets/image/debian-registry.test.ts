import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { following, Shop } from './support/shop.ts';

const isThere = spawnSync('docker-registry', ['--version']).status === 0;

// The registry that most others are made from, from the Debian package docker-registry.
it.skipIf(!isThere)('pushes to docker-registry, and finds there what it has pushed', async () => {
  await using shop = await Shop.open();
  const host = `127.0.0.1:${await freePort()}`;
  const storage = {
    filesystem: { rootdirectory: join(shop.folder, 'registry') },
  };
  shop.write(
    'config.yml',
    JSON.stringify({
      version: 0.1,
      log: { level: 'info' },
      storage,
      http: { addr: host },
    }),
  );
  const registry = spawn('docker-registry', ['serve', join(shop.folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    for await (const line of createInterface(registry.stderr)) if (line.includes('listening on')) break;
    registry.stderr.resume();
    const image = await shop.chosen({ registry: `${host}/shop` });
    expect(image.state).toBe('to push');
    expect(await image.publish(following())).toEqual({
      ok: true,
      value: image.reference,
    });
    image.close();
    const again = await shop.chosen({ registry: `${host}/shop` });
    expect([again.state, again.reference]).toEqual(['there', image.reference]);
    // Built on what was pushed: its layers are taken over inside of the registry.
    const other = await shop.chosen({
      registry: `${host}/other`,
      base: image.reference,
    });
    expect((await other.publish(following())).ok).toBe(true);
    other.close();
  } finally {
    const ended = once(registry, 'exit');
    registry.kill();
    await ended;
  }
});
