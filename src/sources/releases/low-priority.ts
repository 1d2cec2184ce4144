import { findProgram } from '../processes/find-program.ts';
import { runProgram } from '../processes/run-program.ts';

const TRY_MS = 5_000;

/**
 * What stands in front of a build so that apps come first, at the processor and at the disk: nice and ionice, each where it
 * is there and works here.
 */
export async function lowPriority(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const path = env['PATH'];
  const prefix: string[] = [];
  for (const [name, args] of [
    ['ionice', ['-c', '2', '-n', '7']],
    ['nice', ['-n', '10']],
  ] as const) {
    const program = findProgram(name, path);
    const nothing = findProgram('true', path);
    if (program === null || nothing === null) continue;
    const tried = await runProgram({
      ...{ file: program, args: [...args, nothing], cwd: '/', env },
      ...{ totalMs: TRY_MS, maxOutput: 1024 },
    });
    if (tried.code === 0) prefix.push(program, ...args);
  }
  return prefix;
}
