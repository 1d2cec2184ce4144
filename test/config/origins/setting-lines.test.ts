import { describe, expect, test } from 'vitest';
import { projectFolder } from '../support/project-folder.ts';

const FILE = `project: shop
env:
  REGION: eu
defaults:
  kill_timeout: 8s
apps:
  - name: api
    script: ./api.js
    env_file: ./shop.env
    env:
      LEVEL: info
    env_production:
      LEVEL: warn
  - extends: api
    name: web
    instances: 2
`;

describe('the lines of settings', () => {
  test('are those of the file and the line that count, whatever they came through', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': FILE,
      'shop.env': '# of the shop\nDB=one\nDB=two\n',
    });
    const loaded = await folder.load({ env: 'production' });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const { api, web } = loaded.value.readFrom['shop']?.lines ?? {};
    expect(api).toEqual({
      [`${folder.path}/ecosystem.yaml`]: {
        ...{ name: 7, script: 8, env_file: 9, kill_timeout: 5 },
        ...{ 'env.LEVEL': 13, 'env.REGION': 3 },
      },
      // The last line of a variable is the one that counts.
      [`${folder.path}/shop.env`]: { 'env.DB': 3 },
    });
    expect(web?.[`${folder.path}/ecosystem.yaml`]).toMatchObject({
      ...{ name: 15, script: 8, instances: 16, kill_timeout: 5, 'env.LEVEL': 13 },
    });
  });

  test('are those of JSON too, and of an app that is called after its script', async () => {
    await using folder = await projectFolder({ 'ecosystem.json': '{ "apps": [{ "script": "api.js" }] }' });
    const loaded = await folder.load();
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    expect(loaded.value.readFrom['shop']?.lines).toEqual({
      api: { [`${folder.path}/ecosystem.json`]: { script: 1 } },
    });
  });
});
