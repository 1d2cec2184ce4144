import type { AppKey } from '../../../lib/app-key.ts';
import type { Action, MonitState, TextTopic } from './state.ts';

/** What is to be done outside. */
export type Effect =
  | { readonly kind: 'follow'; readonly app: AppKey | null }
  | { readonly kind: 'load'; readonly topic: TextTopic; readonly app: AppKey | null }
  | { readonly kind: 'act'; readonly action: Action; readonly app: AppKey }
  | { readonly kind: 'suspend' | 'quit' | 'redraw' };

export interface Updated {
  readonly state: MonitState;
  readonly effects: readonly Effect[];
}
