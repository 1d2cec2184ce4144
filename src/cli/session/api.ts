import type { ApiClient } from '../../api/client/client.ts';

/** The API of a daemon, as the commands use it. */
export type Api = ApiClient;

/** What can be asked without a daemon, from the state on disk. */
export type OfflineApi = Pick<
  ApiClient,
  | 'apps'
  | 'plan'
  | 'snapshot'
  | 'allRevisions'
  | 'revisions'
  | 'revision'
  | 'goingBack'
  | 'freezes'
  | 'settings'
  | 'audit'
  | 'auditVerdict'
>;

export type AppsQuery = Parameters<ApiClient['apps']>[0];
export type EventsQuery = Parameters<ApiClient['events']>[0];
