import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { certificate } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { findPrometheus, Prometheus } from '../observed/prometheus.ts';
import { DaemonSite } from './daemon-site.ts';

const program = findPrometheus();
const missing = program === null ? ' (skipped: there is no prometheus here)' : '';

test.skipIf(program === null)(
  `Prometheus reads the metrics over TLS with a token of a file, and not any more when that is deleted${missing}`,
  { timeout: 300_000 },
  async () => {
    await using site = await DaemonSite.listening();
    const made = certificate({ name: 'stateward', names: ['127.0.0.1'], isAuthority: true });
    const tls = { cert: site.write('cert.pem', made.cert), key: site.write('key.pem', made.key) };
    const port = await freePort();
    site.configure({ listen: `127.0.0.1:${port}`, tls });
    await site.untilHttp(({ address }) => address === `127.0.0.1:${port}`);
    const file = join(site.folder, 'stateward.token');
    // As the shell writes what the command prints.
    writeFileSync(file, (await site.ok('token', 'create', 'prometheus')).stdout, { mode: 0o600 });
    await using prometheus = await Prometheus.start(program ?? '', site, {
      scheme: 'https',
      tls_config: { ca_file: tls.cert },
      authorization: { credentials_file: file },
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    });
    const isUp = async (value: string): Promise<boolean> =>
      JSON.stringify(await prometheus.query('up{job="stateward"}')).includes(`"${value}"]`);
    await eventually(() => isUp('1'));
    expect(await prometheus.query('count({__name__=~"stateward_.*"})')).toHaveLength(1);
    await site.ok('token', 'delete', 'prometheus');
    await eventually(() => isUp('0'));
  },
);
