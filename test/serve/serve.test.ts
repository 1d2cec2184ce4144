import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFiles, type Served } from './served.ts';

const STYLE = 'body { color: red }\n'.repeat(400);

describe('a served folder', () => {
  let site: Served;
  beforeAll(async () => {
    site = await serveFiles({
      'index.html': '<h1>home</h1>',
      '404.html': '<h1>lost</h1>',
      'style.css': STYLE,
      'small.css': 'a{}',
      'data.json': '{}',
      'picture.png': Buffer.alloc(4096, 1),
      'docs/index.html': 'docs',
      'empty/none.txt': '',
      'a b/é.txt': 'accents',
      'made.js': 'plain '.repeat(400),
      'made.js.gz': gzipSync('made before'),
      'stale.js': 'plain '.repeat(400),
      'stale.js.gz': gzipSync('too old'),
    });
    await utimes(join(site.root, 'stale.js.gz'), 1000, 1000);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/style.css', 'text/css; charset=utf-8'],
    ['/data.json', 'application/json; charset=utf-8'],
    ['/made.js', 'text/javascript; charset=utf-8'],
    ['/picture.png', 'image/png'],
  ])('%s has its type, and nobody may guess another', async (path, type) => {
    const { status, headers } = await site.get(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' });
  });

  it('names are decoded as UTF-8', async () => {
    expect((await site.get('/a%20b/%C3%A9.txt')).text).toBe('accents');
  });

  it('a folder has a slash at its end, and its index', async () => {
    expect((await site.get('/docs/')).text).toBe('docs');
    const { status, headers } = await site.get('/docs?page=2');
    expect([status, headers.location]).toEqual([301, '/docs/?page=2']);
    expect((await site.get('/a%20b')).headers.location).toBe('/a%20b/');
  });

  it('a folder without index, a file with a slash and what is not there are the page of the folder', async () => {
    for (const path of ['/empty/', '/style.css/', '/none']) {
      const { status, text, headers } = await site.get(path);
      expect([status, text, headers['cache-control']]).toEqual([404, '<h1>lost</h1>', 'no-store']);
    }
  });

  it('HEAD gives the headers of GET', async () => {
    for (const path of ['/style.css', '/picture.png', '/none', '/docs']) {
      const [head, got] = [await site.get(path, {}, 'HEAD'), await site.get(path)];
      expect(head.body.length).toBe(0);
      expect({ ...head.headers, date: '' }).toEqual({ ...got.headers, date: '' });
    }
    const accept = { 'accept-encoding': 'br' };
    expect((await site.get('/style.css', accept, 'HEAD')).headers['content-length']).toBe(
      (await site.get('/style.css', accept)).headers['content-length'],
    );
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s is refused',
    async (method) => {
      const { status, headers } = await site.get('/', {}, method);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    },
  );

  it('a part of a file is sent, and one beyond its end is refused', async () => {
    const part = await site.get('/style.css', { range: 'bytes=0-3', 'accept-encoding': 'br, gzip' });
    expect([part.status, part.text, part.headers['content-range']]).toEqual([
      206,
      'body',
      `bytes 0-3/${STYLE.length}`,
    ]);
    expect(part.headers['content-encoding']).toBeUndefined();
    const beyond = await site.get('/style.css', { range: 'bytes=99999-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${STYLE.length}`]);
    expect((await site.get('/none', { range: 'bytes=0-3' })).status).toBe(404);
  });

  it.each([['identity'], ['br'], ['gzip']])('what a client has in %s is not sent again', async (encoding) => {
    const first = await site.get('/style.css', { 'accept-encoding': encoding });
    const etag = first.headers.etag ?? '';
    const again = { 'accept-encoding': encoding, 'if-none-match': etag };
    const second = await site.get('/style.css', again);
    expect([second.status, second.body.length, second.headers.etag]).toEqual([304, 0, etag]);
    const since = { 'accept-encoding': encoding, 'if-modified-since': first.headers['last-modified'] ?? '' };
    expect((await site.get('/style.css', since)).status).toBe(304);
    expect((await site.get('/style.css', { ...again, 'if-none-match': '"other"' })).status).toBe(200);
  });

  it.each([
    ['br, gzip', 'br', (body: Buffer) => brotliDecompressSync(body).toString()],
    ['gzip', 'gzip', (body: Buffer) => gunzipSync(body).toString()],
    ['gzip;q=0, br;q=0', undefined, String],
    ['', undefined, String],
  ])('text is compressed for %j', async (accepted, encoding, read) => {
    const { headers, body } = await site.get('/style.css', { 'accept-encoding': accepted });
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'Accept-Encoding']);
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(read(body)).toBe(STYLE);
  });

  it('what is small, and what is compressed by itself, is not compressed', async () => {
    for (const path of ['/small.css', '/picture.png']) {
      expect((await site.get(path, { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
    }
    expect((await site.get('/picture.png')).headers.vary).toBeUndefined();
  });

  it('a file that was compressed beforehand is taken, unless it is older', async () => {
    const accept = { 'accept-encoding': 'gzip' };
    const made = await site.get('/made.js', accept);
    expect([made.headers['content-type'], made.headers['content-encoding']]).toEqual([
      'text/javascript; charset=utf-8',
      'gzip',
    ]);
    expect(gunzipSync(made.body).toString()).toBe('made before');
    expect(gunzipSync((await site.get('/stale.js', accept)).body).toString()).toContain('plain');
  });

  it('a file that changes is sent anew, compressed too', async () => {
    const accept = { 'accept-encoding': 'br' };
    const path = join(site.root, 'changing.css');
    await writeFile(path, STYLE);
    const first = await site.get('/changing.css', accept);
    await writeFile(path, STYLE.replaceAll('red', 'blue'));
    const second = await site.get('/changing.css', { ...accept, 'if-none-match': first.headers.etag ?? '' });
    expect(brotliDecompressSync(second.body).toString()).toContain('blue');
  });
});

describe('settings', () => {
  it('max_age lets clients keep files, and asks them to look for pages', async () => {
    await using site = await serveFiles({ 'index.html': 'x', 'a.js': 'x' }, { max_age: 3_600_000 });
    expect((await site.get('/a.js')).headers['cache-control']).toBe('public, max-age=3600');
    expect((await site.get('/')).headers['cache-control']).toBe('public, max-age=0, must-revalidate');
  });

  it('an app in the browser gets its homepage for pages, and nothing for what it loads', async () => {
    await using site = await serveFiles({ 'start.html': 'app' }, { spa: true, homepage: 'start.html' });
    const page = { accept: 'text/html,*/*;q=0.8' };
    expect((await site.get('/users/1.5', page)).text).toBe('app');
    expect((await site.get('/users/1', { ...page, 'sec-fetch-mode': 'navigate' })).status).toBe(200);
    for (const headers of [{ accept: '*/*' }, {}, { ...page, 'sec-fetch-mode': 'cors' }] as Record<
      string,
      string
    >[]) {
      expect((await site.get('/gone.js', headers)).status).toBe(404);
    }
    expect((await site.get('/%00', page)).status).toBe(400);
    expect((await site.get('/users', page, 'POST')).status).toBe(405);
  });

  it('a folder behind a link is the one that the link leads to now', async () => {
    await using site = await serveFiles({});
    const [one, two, link] = ['one', 'two', 'current'].map((name) => join(site.root, '..', name));
    for (const [folder, text] of [
      [one, '1'],
      [two, '2'],
    ] as [string, string][]) {
      await mkdir(folder);
      await writeFile(join(folder, 'index.html'), text);
    }
    await symlink(one ?? '', link ?? '');
    await using linked = await serveFiles({}, { path: link ?? '' });
    expect((await linked.get('/')).text).toBe('1');
    await symlink(two ?? '', `${link}.new`);
    await rename(`${link}.new`, link ?? '');
    expect((await linked.get('/')).text).toBe('2');
    await rm(link ?? '');
    expect((await linked.get('/')).status).toBe(503);
    expect(linked.stderr()).toContain('ENOENT');
  });
});

describe('a password', () => {
  const basic = (text: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });

  /** The file lies in the folder itself, where nobody may read it. */
  function guarded(password: string): Promise<Served> {
    return serveFiles({ 'index.html': 'in', password }, (root) => ({
      basic_auth: { username: 'editor', password_file: join(root, 'password') },
    }));
  }

  it('is asked for before anything else is said', async () => {
    await using site = await guarded('pä:ss wörd\n');
    for (const [path, method] of [
      ['/', 'GET'],
      ['/none', 'GET'],
      ['/%00', 'GET'],
      ['/', 'POST'],
    ] as const) {
      const { status, headers } = await site.get(path, {}, method);
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        'Basic realm="restricted", charset="UTF-8"',
      ]);
    }
    for (const text of [
      'editor',
      'editor:',
      ':pä:ss wörd',
      'editor:pä:ss wörd2',
      'editor:pä:ss',
      'Editor:pä:ss wörd',
    ]) {
      expect((await site.get('/', basic(text))).status).toBe(401);
    }
    for (const authorization of ['Basic', 'Basic !!', 'Bearer x', `Basic ${'A'.repeat(9000)}`]) {
      expect((await site.get('/', { authorization })).status).toBe(401);
    }
    expect((await site.get('/none', basic('editor:pä:ss wörd'))).status).toBe(404);
  });

  it('is not served when its file lies in the folder', async () => {
    await using site = await guarded('secret');
    await symlink('password', join(site.root, 'other'));
    for (const path of ['/password', '/other']) {
      expect((await site.get(path, basic('editor:secret'))).status).toBe(404);
    }
    expect((await site.get('/', basic('editor:secret'))).text).toBe('in');
  });

  it('can come as the variable that PM2 has; empty, it lets the server not start', async () => {
    const auth = { username: 'editor', password_file: null };
    await using site = await serveFiles(
      { a: 'in' },
      { basic_auth: auth },
      { PM2_SERVE_BASIC_AUTH_PASSWORD: 'x' },
    );
    expect((await site.get('/a', basic('editor:x'))).text).toBe('in');
    expect((await site.get('/a', basic('editor:x'))).headers['cache-control']).toContain('private');
    await expect(serveFiles({}, { basic_auth: auth })).rejects.toThrow('it is empty');
  });
});

describe('a stop', () => {
  it('lets an answer that has begun come to its end', async () => {
    const size = 32 * 1024 * 1024;
    await using site = await serveFiles({ 'large.bin': Buffer.alloc(size, 7) });
    let received = 0;
    let ended: Promise<number | null> | undefined;
    const socket = connect(site.port, '127.0.0.1', () =>
      socket.write('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      ended ??= site.stop('SIGTERM');
    });
    await closed;
    expect(received).toBeGreaterThan(size);
    expect(await ended).toBe(0);
  });
});
