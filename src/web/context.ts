import type { Sessions } from '../home/access/sessions.ts';
import type { Assets } from './assets/asset.ts';
import type { Attempts } from './guard/attempts.ts';
import type { Client } from './guard/client.ts';
import type { Reached } from './guard/origin.ts';
import type { WebLimits, WebOptions } from './model.ts';

/** What answers are made with. */
export interface WebContext extends Omit<WebOptions, 'sessions' | 'limits'> {
  readonly limits: WebLimits;
  readonly sessions: Sessions;
  readonly assets: Assets;
  readonly attempts: Attempts;
  /** Of the listener; 0: it has none. */
  readonly port: number;
  /** Answers that are not finished, each with who reads it. */
  readonly open: Map<AbortController, string>;
}

/** How a request has come. */
export interface Arrival extends Client, Reached {}
