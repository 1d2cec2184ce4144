import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runOneShot } from '../../../src/api/server/one-shot.ts';
import type { LogItem } from '../../../src/api/contract/wire/logs.ts';
import { FailureError } from '../../../src/lib/failure.ts';
import { ok } from '../../../src/lib/result.ts';
import { fakeBackend } from '../backend.ts';

async function ask(...lines: readonly string[]): Promise<unknown> {
  const input = new PassThrough();
  const output = new PassThrough();
  for (const line of lines) input.write(line);
  input.end();
  await runOneShot({ input, output, backend: fakeBackend() });
  const text = String(output.read());
  expect(text.endsWith('\n')).toBe(true);
  return JSON.parse(text);
}

test('a request in pieces is answered', async () => {
  const answer = await ask('{"method":"GET",', '"path":"/v1/apps"}\n', 'more that nobody reads');
  expect(answer).toMatchObject({ status: 200, body: { kind: 'AppList' } });
});

test.each(['', 'x\n', 'null\n', '{"method":1,"path":"/v1/status"}\n'])('%j is refused', async (line) => {
  expect(await ask(line)).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } });
});

test('a stream of lines that ends is answered line by line', async () => {
  const output = new PassThrough();
  const input = new PassThrough();
  input.end('{"method":"GET","path":"/v1/logs?selector=x"}\n');
  async function* lines(): AsyncGenerator<LogItem> {
    yield await Promise.resolve({ app: 'shop/x', slot: 0, stream: 'out', line: 'first' } as const);
    throw new FailureError({ code: 'USAGE', message: 'it takes too long' });
  }
  await runOneShot({ input, output, backend: fakeBackend({ logs: () => Promise.resolve(ok(lines())) }) });
  expect(
    String(output.read())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { status: 200, lines: true },
    { app: 'shop/x', slot: 0, stream: 'out', line: 'first' },
    { error: expect.objectContaining({ code: 'USAGE', message: 'it takes too long' }) as unknown },
  ]);
});

test('a stream that goes on is refused', async () => {
  expect(await ask('{"method":"GET","path":"/v1/logs?follow=true"}\n')).toMatchObject({
    status: 503,
    body: { error: { code: 'DAEMON_UNREACHABLE' } },
  });
});

test('a request over the bound is refused', async () => {
  expect(await ask('x'.repeat(17 * 1024 * 1024))).toMatchObject({ status: 400 });
});
