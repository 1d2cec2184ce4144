import { availableParallelism } from 'node:os';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { UnchangedRequest, UnchangedResponse } from '../../../api/contract/wire/unchanged/unchanged.ts';
import { hasSameAnswers } from '../../../config/inputs/input-record.ts';
import { homeLayout, resolveHome } from '../../../home/layout.ts';
import { hostChecksOf } from './host-checks.ts';
import { checkedOutCommits } from '../../declare/git-commit.ts';
import { whoAmI } from '../who-am-i.ts';
import { logicalFolder } from '../../session/working-folder.ts';
import type { Streams } from '../../views/text/terminal.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { NotPlain } from '../plain/not-plain.ts';
import { isUsual } from '../plain/transport.ts';
import type { RawReply } from '../../../api/client/raw-reply.ts';
import { keepsRecords, readDeclaredRecord, type DeclaredRecord } from './declared-record.ts';
import { readDeclaringLine, type DeclaringLine, type DeclaringVerb } from './lines.ts';
import { sayUnchanged, sayValid } from './say.ts';

/** POST over a Unix socket; rejects when nobody answers. `body` is JSON. */
export type Send = (socketPath: string, path: string, body: string) => Promise<RawReply>;

export interface UnchangedOptions {
  readonly verb: DeclaringVerb;
  /** What follows it. */
  readonly argv: readonly string[];
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly send: Send;
}

/**
 * Answers a verb whose files, and everything that was read with them, are as they were when they were read last, where the
 * daemon has just what they declare and nothing is to be done. Gives its exit code. Null: something is otherwise, nothing
 * was printed or changed, and the full command is to run.
 */
export async function answer(options: UnchangedOptions): Promise<number | null> {
  try {
    return await answerUnchanged(options);
  } catch {
    // Mostly NotPlain. Whatever else is wrong, the full command finds it again, and tells of it.
    return null;
  }
}

async function answerUnchanged({ verb, argv, streams, env, send }: UnchangedOptions): Promise<number> {
  if (!keepsRecords(env)) throw new NotPlain();
  const line = await readDeclaringLine(verb, argv);
  const home = resolveHome(line.home, env);
  const record = readDeclaredRecord(home, {
    cwd: logicalFolder(process.cwd(), env['PWD']),
    files: line.files,
    env: line.env,
    hostChecks: verb === 'validate' ? hostChecksOf(line.skipsHostChecks, env['CI']) : 'refuse',
  });
  if (record === null) throw new NotPlain();
  const isCurrent = (): boolean =>
    hasSameAnswers(record, { environment: env, cpus: availableParallelism() }, record.key);
  const view = { line, streams, env, home };
  if (verb === 'validate') {
    if (!isCurrent()) throw new NotPlain();
    return sayValid(record.projects, view);
  }
  const request = requestOf(verb, line, record);
  const ask = (): Promise<PlanDocument> => planOf(request, { verb, home, send });
  // A plan changes nothing: the daemon makes it while the files are looked at.
  const coming = verb === 'apply' ? null : ask();
  coming?.catch(() => undefined);
  if (!isCurrent()) throw new NotPlain();
  return sayUnchanged(verb, await (coming ?? ask()), view);
}

function requestOf(
  verb: Exclude<DeclaringVerb, 'validate'>,
  { only }: DeclaringLine,
  { projects, readFrom, files, desiredHash }: DeclaredRecord,
): UnchangedRequest {
  if (desiredHash === null) throw new NotPlain();
  const common = { projects, desiredHash, prune: true, only, by: whoAmI() };
  const named = files.join(' -f ');
  switch (verb) {
    case 'apply': {
      const commits = checkedOutCommits(projects);
      return { ...common, command: `apply -f ${named}`, commits, readFrom };
    }
    case 'plan':
      return { ...common, command: `plan -f ${named}` };
    case 'diff':
      return { ...common, command: 'diff', withoutDrift: true };
  }
}

async function planOf(
  request: UnchangedRequest,
  { verb, home, send }: { readonly verb: DeclaringVerb; readonly home: string; readonly send: Send },
): Promise<PlanDocument> {
  const path = verb === 'apply' ? '/v1/apply/unchanged' : '/v1/plan/unchanged';
  const reply = await send(homeLayout(home).apiSocket, path, JSON.stringify(request));
  if (!isUsual(reply)) throw new NotPlain();
  const { plan } = JSON.parse(reply.body) as UnchangedResponse;
  if (plan === null || hasChanges(plan) || plan.guard !== null) throw new NotPlain();
  return plan;
}
