import { lastLines } from '../../sources/processes/last-lines.ts';
import { runProgram } from '../../sources/processes/run-program.ts';
import { lowPriority } from '../../sources/releases/low-priority.ts';
import { formatSpan } from '../../lib/units.ts';
import type { ExecTarget } from '../model/receiver.ts';
import type { Notification } from '../render/notification.ts';
import { oneLine } from '../render/text.ts';
import type { SendResult } from './jobs.ts';

/** Of what it writes, the end is kept. */
const KEPT_OUTPUT = 16 * 1024;
const SHOWN_LINE = 200;

/** Found out once. */
let prefix: Promise<readonly string[]> | undefined;

/** Runs a command with the message on its standard input. Exit code 0: it was taken. */
export async function sendExec(
  { command, cwd, timeoutMs }: ExecTarget,
  notification: Notification,
): Promise<SendResult> {
  let output = '';
  const begun = performance.now();
  const env = { ...baseEnvironment(), STATEWARD_DELIVERY: notification.id };
  prefix ??= lowPriority(env);
  const [file = '', ...args] = [...(await prefix), ...command];
  const { code, signal, ended, stderr } = await runProgram({
    file,
    args,
    cwd,
    env,
    input: `${JSON.stringify(notification)}\n`,
    totalMs: timeoutMs,
    maxOutput: KEPT_OUTPUT,
    onOutput: (chunk) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    },
  });
  const took = formatSpan(performance.now() - begun);
  const lines = lastLines(`${output}\n${stderr}`).map((line) => oneLine(line).slice(0, SHOWN_LINE));
  const name = command[0] ?? '';
  const last = lines.at(-1);
  const how =
    ended === 'too-long'
      ? `was ended after its timeout of ${formatSpan(timeoutMs)}`
      : signal !== null
        ? `was ended by ${signal} after ${took}`
        : code === null
          ? 'cannot be started'
          : `exited with code ${code} after ${took}`;
  const ok = code === 0;
  return {
    ok,
    message: `${name} ${how}${ok || last === undefined ? '' : `: ${last}`}`,
    steps: [
      `ran ${command.join(' ')} in ${cwd}`,
      `${name} ${how}`,
      ...lines.slice(-5).map((line) => `output: ${line}`),
    ],
  };
}

/** What programs rely on; this process has nothing else. */
function baseEnvironment(): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).filter(
    (one): one is [string, string] => one[1] !== undefined && !one[0].startsWith('UV_'),
  );
  return Object.fromEntries(own);
}
