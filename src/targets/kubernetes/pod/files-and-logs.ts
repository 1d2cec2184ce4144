import { specDefault } from '../../../spec/defaults.ts';
import { sameValue } from '../../../lib/values/same-value.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { warning, type Finding } from '../../model/rendered.ts';

const LOGS = ['out_file', 'error_file', 'log_file', 'log_date_format', 'log_type', 'log_rotate'] as const;

/** Files of the host: an image has its own, and what a pod writes to its output is kept by the node. */
export function fileFindings(spec: AppSpec): readonly Finding[] {
  const logs = LOGS.filter((field) => !sameValue(spec[field], specDefault(field)));
  return [
    ...logs.map((field) => warning(field, 'has no effect there: kubectl logs has the output')),
    ...(spec.disable_logs ? [warning('disable_logs', 'the node keeps the output all the same')] : []),
    ...(spec.watch === false ? [] : [warning('watch', 'no file of an image changes')]),
    ...(spec.tty ? [warning('tty', 'kubectl attach -it brings it to your terminal')] : []),
  ];
}
