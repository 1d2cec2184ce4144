import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { LogsOptions } from '../../../src/api/client/client.ts';
import { followOutput } from '../../../src/cli/attach/followed-output.ts';

/** What a daemon follows, steered by a test. */
function daemon() {
  const asked: LogsOptions[] = [];
  const more = new EventTarget();
  async function* open(options: LogsOptions): AsyncGenerator<{ readonly line: string }> {
    asked.push(options);
    const [event] = (await once(more, 'line', { signal: options.signal })) as [CustomEvent<string>];
    yield { line: event.detail };
    await once(more, 'line', { signal: options.signal });
  }
  return {
    open,
    follows: () => asked[0]?.onFollowing?.(),
    writes: (line: string) => more.dispatchEvent(new CustomEvent('line', { detail: line })),
  };
}

it('is there only when the daemon follows, and has what is written before anybody reads it', async () => {
  const { open, follows, writes } = daemon();
  let isThere = false;
  const opening = followOutput(open).then((output) => {
    isThere = true;
    return output;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThere).toBe(false);
  follows();
  const output = await opening;
  writes('a fast answer');
  const lines: string[] = [];
  for await (const line of output.lines) {
    lines.push(line);
    output.stop();
  }
  expect(lines).toEqual(['a fast answer']);
});

it('throws why it cannot be followed, at once or while it is read', async () => {
  const refused = (): AsyncIterable<never> => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no daemon')) }),
  });
  await expect(followOutput(refused)).rejects.toThrow('no daemon');
  async function* breaks({ onFollowing }: LogsOptions): AsyncGenerator<{ readonly line: string }> {
    await Promise.resolve();
    onFollowing?.();
    yield { line: 'one' };
    throw new Error('the daemon has ended');
  }
  const { lines } = await followOutput(breaks);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const line of lines) seen.push(line);
  };
  await expect(read()).rejects.toThrow('the daemon has ended');
  expect(seen).toEqual(['one']);
});
