import type { Api, OfflineApi } from '../session/api.ts';

/** The daemon if it answers now, else whoever reads the state on disk. */
export async function whoAnswers(daemon: Api, offline: () => OfflineApi): Promise<OfflineApi> {
  return (await daemon.ping()).ok ? daemon : offline();
}
