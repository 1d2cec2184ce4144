import { describe, expect, it } from 'vitest';
import { announceMessages, messageEvent } from '../../../src/controller/verbs/messages.ts';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import type { NewEvent } from '../../../src/state/events/event-log.ts';
import { makeApp, makeInstance, NOW } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const instance = makeInstance(makeApp());

describe('a message of an app as an event', () => {
  it('says who has sent what', () => {
    expect(messageEvent({ kind: 'order', id: 7 }, instance, NOW)).toEqual({
      at: NOW,
      level: 'info',
      reason: 'MessageReceived',
      message: '{"kind":"order","id":7}',
      key: 'shop/api',
      slot: 0,
      pid: 4_000,
      generation: 1,
      data: { kind: 'order', id: 7 },
    });
  });

  it.each<[string, unknown, string]>([
    ['text as it is', 'done', 'done'],
    ['lines as one', 'a\n  b\n', 'a b'],
    ['nothing', null, 'null'],
    ['a number', 5, '5'],
  ])('shows %s', (_, message, text) => {
    expect(messageEvent(message, instance, NOW)).toMatchObject({ message: text, data: message });
  });

  it('is cut when it is long, and carries the message itself only up to 4 KB', () => {
    const long = messageEvent('x'.repeat(3_000), instance, NOW);
    expect(long.message).toHaveLength(1_024);
    expect(long.data).toHaveLength(3_000);
    expect(messageEvent('x'.repeat(5_000), instance, NOW)).not.toHaveProperty('data');
  });
});

it('what agent and daemon say to each other is not a message of the app, nor is one of a process that is unknown', () => {
  let tell: (event: DriverEvent) => void = () => undefined;
  const announced: string[] = [];
  const driver = {
    subscribe(listener: (event: DriverEvent) => void) {
      tell = listener;
      return () => undefined;
    },
    instance: (nonce: string) => (nonce === instance.nonce ? instance : undefined),
  };
  const store = {
    announce(event: NewEvent) {
      announced.push(event.message);
      return { ...event, seq: 1 };
    },
  };
  announceMessages(driver, store, new FakeClock());
  for (const message of ['hello', { cmd: 'NODE_STATEWARD_PONG', id: 1 }, { cmd: 'mine' }, [1]]) {
    tell({ kind: 'message', nonce: instance.nonce, message });
  }
  tell({ kind: 'message', nonce: 'other', message: 'from nowhere' });
  expect(announced).toEqual(['hello', '{"cmd":"mine"}', '[1]']);
});
