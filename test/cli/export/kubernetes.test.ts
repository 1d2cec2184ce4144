import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const FILE = `project: shop
targets: { kubernetes: { namespace: shop, image: "registry.test/shop:1", folder: /srv } }
apps:
  - name: api
    script: ./api.js
    instances: 2
    stop_signal: SIGTERM
    env: { DB_PASSWORD: hunter2, MODE: fast }
`;

describe('export kubernetes', () => {
  it('prints the objects, says which Secrets they need, and shows no secret', async () => {
    await using host = new Host();
    host.write('api.js', '');
    host.write('ecosystem.yaml', FILE);
    const yaml = await host.ok('export', 'kubernetes');
    expect(yaml.stdout.match(/^kind: .*/gm)).toEqual([
      ...['kind: ConfigMap', 'kind: Deployment', 'kind: PodDisruptionBudget'],
    ]);
    expect(yaml.stdout).toContain('- /srv/api.js');
    expect(yaml.text).not.toContain('hunter2');
    expect(yaml.stderr).toContain('the Secret api-secrets has to be there, with DB_PASSWORD');
    expect((await host.ok('export', 'kubernetes')).stdout).toBe(yaml.stdout);

    await host.ok('export', 'kubernetes', '--format', 'json', '-o', 'shop.json', '--namespace', 'other');
    const list = JSON.parse(readFileSync(join(host.folder, 'shop.json'), 'utf8')) as {
      readonly items: readonly { readonly metadata: { readonly namespace: string } }[];
    };
    expect(list.items.map(({ metadata }) => metadata.namespace)).toEqual(['other', 'other', 'other']);
  });

  it('refuses what cannot mean the same, with its place, and with --strict what means something else', async () => {
    await using host = new Host();
    host.write('api.js', '');
    host.write('ecosystem.yaml', FILE.replace('instances: 2', 'instances: max'));
    const refused = await host.run(['export', 'kubernetes']);
    expect(refused.code).toBe(65);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/error\[TARGET_DIFFERS\]: .*instances[^]*ecosystem\.yaml:6:16/);

    host.write('ecosystem.yaml', FILE);
    expect((await host.run(['export', 'kubernetes', '--strict'])).code).toBe(65);
    host.write('ecosystem.yaml', FILE.replace('namespace: shop, ', ''));
    const unnamed = await host.run(['export', 'kubernetes']);
    expect(unnamed.code).toBe(65);
    expect(unnamed.stderr).toContain('namespace');
    for (const wrong of [
      ['--namespace', 'X_Y'],
      ['--namespace', ''],
      ['--image', ''],
    ]) {
      const { code, stdout, stderr } = await host.run(['export', 'kubernetes', ...wrong]);
      expect([wrong, code, stdout]).toEqual([wrong, 64, '']);
      expect(stderr).toContain(`error[USAGE]: ${wrong[0] ?? ''}`);
    }
  });
});
