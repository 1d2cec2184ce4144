import { ok } from '../../../lib/result.ts';
import type { Form } from './endpoint.ts';
import { given, readWhole } from './query-parts.ts';

const MAX_LINES = 50_000;

export interface LimitQuery {
  /** Absent: 50. */
  readonly limit?: number;
}

/** `limit=N` */
export const limitQuery: Form<LimitQuery> = {
  write: ({ limit }) => ({ query: given('limit', limit) }),
  read({ query }) {
    const limit = readWhole(query.get('limit'), 'limit', MAX_LINES);
    if (!limit.ok) return limit;
    return ok(limit.value === null ? {} : { limit: limit.value });
  },
};

export interface HeadQuery {
  /** A hash that has to be in the chain. Absent: none. */
  readonly head?: string;
}

/** `head=HASH` */
export const headQuery: Form<HeadQuery> = {
  write: ({ head }) => ({ query: given('head', head) }),
  read({ query }) {
    const head = query.get('head');
    return ok(head === null ? {} : { head });
  },
};
