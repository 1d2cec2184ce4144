import { redactData, redactorOf, redactText } from '../spec/secrets/redact.ts';
import type { AppSpec } from '../spec/types.ts';
import type { NewEvent } from './events/event-log.ts';

/** An event without the secrets of the app that it is about: it may quote what a program or a process said. */
export function shownEvent(event: NewEvent, spec: AppSpec | undefined): NewEvent {
  const show = spec === undefined ? redactText : redactorOf(spec);
  const { data } = event;
  return {
    ...event,
    message: show(event.message),
    ...(data !== undefined && { data: redactData(data, show) }),
  };
}
