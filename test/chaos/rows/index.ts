import type { Row } from '../row.ts';
import { kills } from './kills.ts';

/** Every row, in the order in which they are run. */
export const rows: readonly Row[] = [...kills];
