import { expect, test } from 'vitest';
import { endMessage, ToldBefore } from '../../../src/controller/drift/told-before.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';

type Given = Pick<EventRecord, 'key' | 'reason' | 'message'>;

const ENV: Given = { key: 'shop/api', reason: 'EnvFileChanged', message: '/srv/.env: changed; apply' };
const FILE: Given = { key: null, reason: 'DeclarationChanged', message: 'shop: /srv/e.yaml: changed; plan' };
const ended = ({ key, reason }: Given, project: string | null): Given => ({
  ...{ key, reason: 'DriftEnded', message: endMessage(reason, project) },
});

async function after(events: readonly Given[]) {
  const told = new ToldBefore();
  const all = events.map((event, seq) => ({ ...event, seq }) as unknown as EventRecord);
  await told.read({ events: ({ accept = () => true }) => Promise.resolve(all.filter(accept)) });
  return (event: Given): boolean => told.take(event);
}

test('what an earlier controller has told of is known once, and what has ended or is otherwise is news', async () => {
  const knows = await after([FILE, ENV, ended(FILE, 'blog'), ended(ENV, null)]);
  expect([knows(ENV), knows(FILE), knows(FILE)]).toEqual([false, true, false]);
  const others = await after([{ ...ENV, message: 'another edit; apply' }, ended(FILE, 'shop'), FILE]);
  expect([others(ENV), others({ ...ENV, key: 'shop/web' }), others(FILE)]).toEqual([false, false, true]);
});
