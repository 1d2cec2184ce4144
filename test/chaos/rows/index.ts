import type { Row } from '../row.ts';
import { clients } from './clients.ts';
import { disks } from './disks.ts';
import { failpoints } from './failpoints.ts';
import { host } from './host.ts';
import { kills } from './kills.ts';
import { leaks } from './leaks.ts';
import { ledger } from './ledger.ts';
import { logs } from './logs.ts';
import { processes } from './processes.ts';
import { races } from './races.ts';
import { reloads } from './reloads.ts';
import { rollouts } from './rollouts.ts';
import { sources } from './sources.ts';
import { state } from './state.ts';
import { storms } from './storms.ts';

/** Every row, in the order in which they are run. */
export const rows: readonly Row[] = [
  ...kills,
  ...rollouts,
  ...reloads,
  ...processes,
  ...state,
  ...ledger,
  ...disks,
  ...races,
  ...host,
  ...clients,
  ...logs,
  ...storms,
  ...leaks,
  ...failpoints,
  ...sources,
];
