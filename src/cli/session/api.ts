import type { ApiClient } from '../../api/client/client.ts';

/** The API of a daemon, as the commands use it. */
export type Api = ApiClient;

/** What plan and diff need: of the daemon, or of the state on disk when none runs. */
export type OfflineApi = Pick<ApiClient, 'apps' | 'plan'>;

export type AppsQuery = Parameters<ApiClient['apps']>[0];
export type EventsQuery = Parameters<ApiClient['events']>[0];
