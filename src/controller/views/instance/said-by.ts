import type { InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { ObservedInstance } from '../../../plan/model/observed.ts';

/** `reloading: 3 clients`. */
export function saidBy(instance: ObservedInstance | undefined): Pick<InstanceStatus, 'says'> {
  const { state, status } = instance?.notify ?? {};
  const said = [state, status].filter((text) => text !== undefined && text !== '');
  return said.length === 0 ? {} : { says: said.join(': ') };
}
