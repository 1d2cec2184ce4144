import { expect, test } from 'vitest';
import { variableIn } from '../../../src/runner/processes/nonce.ts';

test.each([
  ['N=1', '1'],
  ['N=1\0B=2\0', '1'],
  ['A=1\0N=2\0B=3\0', '2'],
  ['A=1\0N=2', '2'],
  ['A=N=1\0NN=2\0N=\0N=3\0', ''],
  ['AN=1\0A=x N=2\0', null],
  ['', null],
])('a variable is found in an environment where it begins an entry: %j', (environment, value) => {
  expect(variableIn(environment, 'N', '\0')).toBe(value);
});
