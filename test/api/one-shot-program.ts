import { runOneShot } from '../../src/api/one-shot.ts';
import { fakeBackend } from './backend.ts';

/** The other side of the process transport, for its test: `node <this> <home> --one-shot`. */
async function main([home = '', flag = '']: readonly string[]): Promise<void> {
  if (flag !== '--one-shot') throw new Error('unexpected arguments');
  if (home === 'crash') throw new Error('the state is on fire');
  await runOneShot({ input: process.stdin, output: process.stdout, backend: fakeBackend() });
}

void main(process.argv.slice(2));
