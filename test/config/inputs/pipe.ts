import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Makes a pipe with a name, and has another process write a text into it: whoever reads it here waits for it. */
export async function writesPipe(path: string, text: string): Promise<void> {
  execFileSync('mkfifo', [path]);
  await once(spawn('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', text, path]), 'exit');
}
