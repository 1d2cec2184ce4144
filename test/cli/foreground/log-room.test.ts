import { expect, test } from 'vitest';
import { logBound } from '../../../src/cli/foreground/log-room.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

function spec(more: Partial<AppSpec>): AppSpec {
  const rotate = { size: 10, keep: 4, interval: null, compress: false };
  const files = { out_file: null, error_file: null, merge_logs: false, disable_logs: false };
  return { name: 'api', instances: 2, log_rotate: rotate, ...files, ...more } as AppSpec;
}

test.each<[string, Partial<AppSpec>, number]>([
  ['two streams of two instances, each a file and those that it keeps', {}, 200],
  ['instances that share a file', { merge_logs: true }, 100],
  ['a stream that goes nowhere', { out_file: '/dev/null' }, 100],
  ['a stream of the foreground, kept beside it', { out_file: '-', error_file: '/dev/null' }, 100],
  ['files outside of the home', { out_file: '/var/log/a', error_file: '/var/log/b' }, 0],
  ['no files', { disable_logs: true }, 0],
  ['files that nobody rotates', { log_rotate: null }, Infinity],
])('the room that log files may take counts %s', (_, more, bytes) => {
  expect(logBound(spec(more))).toBe(bytes);
});
