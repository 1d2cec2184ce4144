import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runOneShot } from '../../../src/api/server/one-shot.ts';
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

test('a stream is refused', async () => {
  expect(await ask('{"method":"GET","path":"/v1/logs"}\n')).toMatchObject({
    status: 503,
    body: { error: { code: 'DAEMON_UNREACHABLE' } },
  });
});

test('a request over the bound is refused', async () => {
  expect(await ask('x'.repeat(17 * 1024 * 1024))).toMatchObject({ status: 400 });
});
