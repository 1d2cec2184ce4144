import { readLedger, setAside } from '../ledger/read-ledger.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { adoptInstances, type Adopted, type AdoptionContext } from './adoption.ts';

/**
 * What an earlier runner has left: what its ledger at `path` remembers, and what lives on the host. A damaged ledger is
 * moved out of the way, so that another can be written.
 */
export async function takeOver(path: string, context: AdoptionContext): Promise<readonly Adopted[]> {
  const { log } = context;
  const { entries, damage } = await readLedger(path);
  if (damage !== null) {
    log(`the ledger is damaged: ${damage}; what lives is known by its marks`);
    await setAside(path).catch((error: unknown) => log(`cannot move it aside: ${errorMessage(error)}`));
  }
  const adopted = await adoptInstances(entries, context);
  if (adopted.length === 0) return adopted;
  const live = adopted.filter(({ instance }) => instance.phase.state !== 'exited');
  log(`took over ${adopted.length} instances, ${live.length} of them live`);
  return adopted;
}
