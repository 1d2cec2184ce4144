import type { InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { ObservedInstance } from '../../../plan/model/observed.ts';

/** `reloading: 3 clients`, `main process is to be 4711`. */
export function saidBy(instance: ObservedInstance | undefined): Pick<InstanceStatus, 'says'> {
  const { state, status, mainPid } = instance?.notify ?? {};
  const main = mainPid === undefined ? undefined : `main process is to be ${mainPid}`;
  const said = [state, status, main].filter((text) => text !== undefined && text !== '');
  return said.length === 0 ? {} : { says: said.join(': ') };
}
