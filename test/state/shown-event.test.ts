import { describe, expect, it } from 'vitest';
import { REDACTED } from '../../src/spec/secrets/redact.ts';
import { shownEvent } from '../../src/state/shown-event.ts';
import { specOf } from '../spec/support/context.ts';

const EVENT = {
  at: 0,
  level: 'info',
  reason: 'MessageReceived',
  key: 'shop/api',
  slot: 0,
  pid: 1,
  generation: 1,
} as const;

describe('an event', () => {
  it('tells no secret of its app, and nothing that looks like one', () => {
    const spec = specOf({ env: { DB_PASSWORD: 's3cret-42' }, secrets: ['PIN'] });
    const message = 'cannot log in with s3cret-42 at http://h/?token=abc';
    const data = { token: 'abc', list: [{ text: 'with s3cret-42' }], count: 1 };
    expect(shownEvent({ ...EVENT, message, data }, spec)).toEqual({
      ...EVENT,
      message: `cannot log in with ${REDACTED} at http://h/?token=${REDACTED}`,
      data: { token: REDACTED, list: [{ text: `with ${REDACTED}` }], count: 1 },
    });
  });

  it('of nobody is without what looks like a secret', () => {
    expect(shownEvent({ ...EVENT, key: null, message: 'password=abc' }, undefined).message).toBe(
      `password=${REDACTED}`,
    );
  });
});
