import { procProcesses } from './proc-processes.ts';
import type { Processes } from './processes.ts';
import { psProcesses } from './ps-processes.ts';

export function hostProcesses(): Processes {
  return process.platform === 'linux' ? procProcesses() : psProcesses();
}
