// A deploy in a program of one's own: shows the plan, applies it, and follows what happens meanwhile.
import { connect, loadEcosystem, plan, StatewardError } from 'stateward';

const ecosystem = await loadEcosystem(new URL('ecosystem.yaml', import.meta.url).pathname);
for (const { app, kind } of (await plan(ecosystem)).changes) console.log(`plan: ${app} ${kind}`);

const stateward = await connect({ start: true });
const events = (async () => {
  for await (const { key, message } of stateward.events()) {
    if (key?.startsWith('library/')) console.log(key, message);
  }
})();

try {
  await stateward.apply(ecosystem, { timeoutMs: 60_000 });
  await stateward.reload({ labels: 'tier=web' });
  for (const { name, status } of await stateward.list()) console.log(name, status.health);
} catch (error) {
  if (!(error instanceof StatewardError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint ?? ''}`);
  process.exitCode = error.exitCode;
}
stateward.close();
await events;
