import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { certificate } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { CHANGES, FREEZE } from '../../web/attack-table.ts';
import { DaemonSite, Reading } from './daemon-site.ts';

const program = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));
const missing = program === undefined ? ' (skipped: there is no nginx here; Debian: nginx-light)' : '';
const DOCS = fileURLToPath(new URL('../../../docs/remote-access.md', import.meta.url));
const NAME = 'ops.example.org';

/** The example of the docs, with the ports, files and socket of a test. */
function configuration(
  site: DaemonSite,
  { port, socket }: { readonly port: number; readonly socket: string },
): string {
  const [, server = ''] = /```nginx\n([^]*?)```/.exec(readFileSync(DOCS, 'utf8')) ?? [];
  const made = certificate({ name: NAME, names: [NAME] });
  const cert = site.write('cert.pem', made.cert);
  const key = site.write('key.pem', made.key);
  const ours = server
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace(/\/etc\/letsencrypt\S+fullchain\.pem/, cert)
    .replace(/\/etc\/letsencrypt\S+privkey\.pem/, key)
    .replace('/run/stateward/http.sock', socket);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(site.folder, `nginx-${kind}`)};`)
    .join(' ');
  return `daemon off; worker_processes 1; pid ${join(site.folder, 'nginx.pid')};
error_log ${join(site.folder, 'nginx.log')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
http { access_log off; ${temp}
${ours}}`;
}

test.skipIf(program === undefined)(
  `behind the nginx of the docs, a browser logs in, changes things, and reads as it happens${missing}`,
  { timeout: 300_000 },
  async () => {
    await using site = await DaemonSite.listening();
    const folder = join(site.folder, 'web');
    mkdirSync(folder);
    chmodSync(folder, 0o2750);
    const socket = join(folder, 'http.sock');
    site.configure({ listen: `unix:${socket}`, hosts: [NAME] });
    const http = await site.untilHttp(({ address }) => address === socket);
    expect(http.url).toBe(`https://${NAME}`);
    const port = await freePort();
    const file = site.write('nginx.conf', configuration(site, { port, socket }));
    const nginx = spawn(program ?? '', ['-c', file, '-p', site.folder], { stdio: 'ignore' });
    try {
      // As a browser that finds the name at this address.
      const reached = { url: `https://${NAME}:${port}`, address: '127.0.0.1' };
      await eventually(() => site.ask('/', {}, reached).then(({ status }) => status === 200, () => false)); // prettier-ignore
      const browser = await site.browser('write', reached);
      expect(browser.cookie).toMatch(/^__Host-stateward_/);
      const read = await Reading.of('/v1/events?follow=true', { cookie: browser.cookie }, reached);
      await site.ok('token', 'create', 'one');
      await read.says('the token one');
      expect((await browser.ask(CHANGES, { method: 'POST', body: FREEZE })).status).toBe(200);
      // A page of another site reaches nothing through the proxy either.
      const foreign = { origin: 'https://evil.example' };
      expect((await browser.ask(CHANGES, { method: 'POST', body: FREEZE, headers: foreign })).status).toBe(
        403,
      );
      // Nor by another name.
      const direct = { url: 'http://evil.example', socketPath: socket };
      expect((await site.ask('/', { headers: { host: 'evil.example' } }, direct)).status).toBe(403);
      read.close();
      await site.ok('unfreeze', '--all');
    } finally {
      nginx.kill('SIGTERM');
      await once(nginx, 'exit');
    }
  },
);
