import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url));

test('the whole dashboard is under 60 kB, compressed, and names nothing of another origin', () => {
  const files = ['index.html', ...readdirSync(join(WEB, 'assets')).map((name) => `assets/${name}`)];
  const texts = files.map((file) => readFileSync(join(WEB, file)));
  expect(texts.reduce((total, text) => total + gzipSync(text, { level: 9 }).length, 0)).toBeLessThan(60_000);
  // Names of the vocabularies of XML are no addresses that anything is asked for at.
  const addresses = texts.flatMap((text) => text.toString().match(/https?:\/\/[\w.-]+/g) ?? []);
  expect(addresses.filter((address) => address !== 'http://www.w3.org')).toEqual([]);
  expect(readFileSync(join(WEB, 'index.html'), 'utf8')).not.toMatch(/<script>|<style|style=| on\w+=/);
});
