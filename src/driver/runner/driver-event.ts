import type { RunnerEvent } from '../../runner/protocol/messages.ts';
import type { DriverEvent } from '../driver.ts';
import { isHook, type ProcessTable } from './process-table.ts';

/** What the runner tells, in the words of the driver; a line of its table is taken into `table`. */
export function driverEvent(event: RunnerEvent, table: ProcessTable): DriverEvent {
  switch (event.event) {
    case 'notice':
      return { kind: 'notice', nonce: event.nonce, code: event.code, message: event.message };
    case 'message':
      return { kind: 'message', nonce: event.nonce, message: event.message };
    case 'instance': {
      const instance = table.put(event.instance);
      return isHook(instance) ? { kind: 'hook', hook: instance } : { kind: 'instance', instance };
    }
  }
}
