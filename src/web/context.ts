import type { Sessions } from '../home/access/sessions.ts';
import type { Touches } from '../home/access/touches.ts';
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
  readonly touches: Touches;
  /** Answers that are not finished. */
  readonly open: Map<AbortController, OpenAnswer>;
}

export interface OpenAnswer {
  /** Of whoever reads it. */
  readonly id: string;
  /** Ends it, unless whoever reads it still may. */
  readonly recheck: () => void;
}

/** How a request has come. */
export interface Arrival extends Client, Reached {}
