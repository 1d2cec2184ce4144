// Requests that a browser never sends, over a plain socket: nothing outside of the folder comes out, and nothing breaks.
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTarget } from '../../src/serve/target.ts';
import { serveFiles, type Served } from './served.ts';

const SECRETS = /OUTSIDE|HIDDEN|root:x:/;

let site: Served;
let other: ReturnType<typeof createServer>;
beforeAll(async () => {
  site = await serveFiles({
    'index.html': 'home',
    'inside.txt': 'INSIDE',
    '.env': 'HIDDEN',
    '.git/config': 'HIDDEN',
    'docs/.htpasswd': 'HIDDEN',
    'docs/index.html': 'docs',
    'docs/.well-known/x': 'HIDDEN',
    '.well-known/acme-challenge/token': 'TOKEN',
    '.well-known/.secret': 'HIDDEN',
    'back\\slash.txt': 'HIDDEN',
  });
  const { root } = site;
  const links: readonly (readonly [string, string])[] = [
    ['/etc/passwd', 'absolute'],
    ['../outside.txt', 'relative'],
    ['..', 'above'],
    ['/', 'all'],
    ['.env', 'hidden'],
    ['.git', 'hidden-folder'],
    ['inside.txt', 'good'],
    ['docs', 'good-folder'],
    ['loop', 'loop'],
    ['/nowhere', 'broken'],
    ['/dev/zero', 'device'],
    ['chain-2', 'chain-1'],
    ['/etc/passwd', 'chain-2'],
  ];
  for (const [target, name] of links) await symlink(target, join(root, name));
  // A link that only looks as if it stayed inside: its target starts with the name of the folder.
  await mkdir(`${root}-other`);
  await writeFile(`${root}-other/file.txt`, 'OUTSIDE');
  await symlink(`${root}-other`, join(root, 'sibling'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  other = createServer().listen(join(root, 'socket'));
});
afterAll(async () => {
  other.close();
  await site[Symbol.asyncDispose]();
});

function ask(target: string, head = ''): Promise<string> {
  return site.raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${head}\r\n`);
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

describe('over a plain socket', () => {
  it.each<[string, number]>([
    ['/../outside.txt', 404],
    ['/../../../../../../etc/passwd', 404],
    ['/%2e%2e/outside.txt', 404],
    ['/%2E%2E/outside.txt', 404],
    ['/.%2e/outside.txt', 404],
    ['/%2e%2e%2foutside.txt', 404],
    ['/..%2foutside.txt', 404],
    ['/..%5coutside.txt', 404],
    ['/..\\outside.txt', 404],
    ['/%252e%252e/outside.txt', 404],
    ['/%252e%252e%252foutside.txt', 404],
    ['/docs/../../outside.txt', 404],
    ['/docs/%2e%2e/%2e%2e/outside.txt', 404],
    ['/docs/../inside.txt', 404],
    ['/./inside.txt', 404],
    ['/inside.txt/..', 404],
    ['/inside.txt/.', 404],
    ['/..;/outside.txt', 404],
    ['/.../outside.txt', 404],
    ['/%c0%ae%c0%ae/outside.txt', 400],
    ['/%e0%80%ae%e0%80%ae/outside.txt', 400],
    ['/%u002e%u002e/outside.txt', 400],
    ['/%', 400],
    ['/%zz', 400],
    ['/%ff', 400],
    ['/inside.txt%00', 400],
    ['/inside.txt%00.html', 400],
    ['/%0d%0aSet-Cookie:%20a=b', 400],
    ['/%7f', 400],
    ['//etc/passwd', 404],
    ['///etc/passwd', 404],
    ['//evil.example/docs', 404],
    ['/%2fevil.example/docs', 404],
    ['//docs', 404],
    ['/\\evil.example', 404],
    ['/%5cevil.example', 404],
    ['/docs//', 404],
    ['/absolute', 404],
    ['/relative', 404],
    ['/above/outside.txt', 404],
    ['/above/', 404],
    ['/above', 404],
    ['/all/etc/passwd', 404],
    ['/sibling/file.txt', 404],
    ['/chain-1', 404],
    ['/hidden', 404],
    ['/hidden-folder/config', 404],
    ['/loop', 404],
    ['/broken', 404],
    ['/device', 404],
    ['/fifo', 404],
    ['/socket', 404],
    ['/.env', 404],
    ['/%2eenv', 404],
    ['/.git/config', 404],
    ['/.git/', 404],
    ['/docs/.htpasswd', 404],
    ['/docs/.well-known/x', 404],
    ['/.well-known/.secret', 404],
    ['/back\\slash.txt', 404],
    ['/back%5cslash.txt', 404],
    ['/etc/passwd', 404],
    [`/${'a'.repeat(300)}`, 404],
    [`/${'a/'.repeat(3000)}`, 404],
    ['*', 400],
    ['inside.txt', 400],
    ['http://x/../outside.txt', 404],
    ['http://evil.example//docs', 404],
    ['ftp://x/inside.txt', 400],
    ['file:///etc/passwd', 400],
  ])('%s is %i', async (target, status) => {
    const answer = await ask(target, 'Accept: text/html\r\n');
    expect(statusOf(answer)).toBe(status);
    expect(answer).not.toMatch(SECRETS);
    expect(answer).not.toMatch(/^location:|^set-cookie:/im);
  });

  it.each([
    ['/inside.txt', 'INSIDE'],
    ['/inside.txt?../../x', 'INSIDE'],
    ['/inside.txt?a#b', 'INSIDE'],
    ['/good', 'INSIDE'],
    ['/good-folder/', 'docs'],
    ['/i%6Eside.txt', 'INSIDE'],
    ['/.well-known/acme-challenge/token', 'TOKEN'],
    ['http://x/inside.txt', 'INSIDE'],
    ['HTTP://x', 'home'],
    ['http://x?y', 'home'],
  ])('%s is found', async (target, text) => {
    const answer = await ask(target);
    expect(statusOf(answer)).toBe(200);
    expect(answer.endsWith(text)).toBe(true);
  });

  it.each([
    ['/docs', '/docs/'],
    ['/docs?//evil.example', '/docs/?//evil.example'],
    ['http://evil.example/docs', '/docs/'],
    ['/good-folder', '/good-folder/'],
  ])('%s leads to %s of this host', async (target, location) => {
    const answer = await ask(target, 'X-Forwarded-Host: evil.example\r\n');
    expect(statusOf(answer)).toBe(301);
    expect(/^location: (.*)\r$/im.exec(answer)?.[1]).toBe(location);
  });

  it.each([
    ['no request at all', '\0\0\0\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['too long a line', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a header with no end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}`],
    [
      'a request that is smuggled in a body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\nGET /inside.txt HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
  ])('%s ends the connection, and the server goes on', async (_, bytes) => {
    expect(await site.raw(bytes)).not.toMatch(/INSIDE|OUTSIDE/);
    expect(statusOf(await ask('/inside.txt'))).toBe(200);
  });

  it.each([
    'bytes=0-0,1-1,2-2',
    'bytes=-0',
    'bytes=5-1',
    'bytes=a-b',
    'lines=1-2',
    `bytes=${'0-1,'.repeat(1000)}`,
  ])('the range %s takes no more than the file', async (range) => {
    const answer = await ask('/inside.txt', `Range: ${range.slice(0, 4000)}\r\n`);
    expect([200, 206, 416]).toContain(statusOf(answer));
    expect(answer.length).toBeLessThan(1000);
  });

  it('nothing outside comes out, whatever the path is made of', async () => {
    const part = fc.constantFrom(
      ...[
        '..',
        '.',
        '',
        '%2e',
        '%2e%2e',
        '.%2e',
        '%2f',
        '%5c',
        '\\',
        '/',
        '%00',
        '%252e',
        ';',
        '?',
        '#',
        '~',
        ':',
      ],
      ...[
        'docs',
        'above',
        'all',
        'absolute',
        'etc',
        'passwd',
        'outside.txt',
        '.env',
        '.git',
        'sibling',
        'file.txt',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), fc.boolean(), async (parts, isSpaced) => {
        const answer = await ask(`/${parts.join(isSpaced ? '/' : '')}`, 'Accept: text/html\r\n');
        expect([200, 301, 400, 404]).toContain(statusOf(answer));
        expect(answer).not.toMatch(SECRETS);
        expect(/^location: (.*)\r$/im.exec(answer)?.[1] ?? '/x').toMatch(/^\/[^/\\]/);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a target', () => {
  it('never leads upwards or to a hidden name, and never throws', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webPath(), fc.webUrl());
    fc.assert(
      fc.property(text, (url) => {
        const target = readTarget(url);
        if (target.kind !== 'path') return;
        for (const [index, name] of target.names.entries()) {
          expect(name).not.toMatch(/[/\\\0]/);
          expect(name).not.toBe('');
          expect(name.startsWith('.') && !(index === 0 && name === '.well-known')).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
