// Compiled against the packed package by scripts/check-package.mjs, and then run.
import { connect, loadEcosystem, plan, StatewardError } from 'stateward';
import type { App, Ecosystem, ErrorCode, EventInfo, PlanDocument, Stateward } from 'stateward';

export async function deploy(signal: AbortSignal): Promise<PlanDocument> {
  const ecosystem: Ecosystem = await loadEcosystem(['ecosystem.yaml'], { env: 'production', signal });
  const preview: PlanDocument = await plan(ecosystem, { only: ['api'] });
  if (preview.guard !== null) throw new Error(preview.guard.message);
  const stateward: Stateward = await connect({ home: '/srv/home', start: true });
  const apps: readonly App[] = await stateward.list({ labels: 'tier=web', namespace: ['a', 'b'] });
  const pids: (number | null)[] = apps.flatMap(({ status }) => status.instances.map(({ pid }) => pid));
  await stateward.scale('api', '+1', { timeoutMs: pids.length * 1000 });
  for await (const event of stateward.events({ after: 3, signal })) {
    const { seq, key }: EventInfo = event;
    if (seq > 10 && key !== null) break;
  }
  for await (const list of stateward.watch()) if (list.length > 0) break;
  for await (const { app, line } of stateward.logs({ follow: true })) if (line !== '') console.log(app);
  return stateward.apply(ecosystem, { reload: true, wait: false });
}

export function codeOf(error: unknown): ErrorCode | null {
  return error instanceof StatewardError ? error.code : null;
}

export async function misuse(stateward: Stateward): Promise<void> {
  // @ts-expect-error an amount is a number, or one with a sign
  await stateward.scale('api', 'many');
  // @ts-expect-error there is no such option
  await stateward.apply('ecosystem.yaml', { force: true });
  // @ts-expect-error whoever stops says what
  await stateward.stop();
  // @ts-expect-error codes are known
  const code: ErrorCode = 'NOT_A_CODE';
  console.log(code);
}

const found: unknown = await connect({ home: '/nowhere/stateward' }).catch((error: unknown) => error);
if (codeOf(found) !== 'DAEMON_UNREACHABLE') throw new Error(`unexpected: ${String(found)}`);
