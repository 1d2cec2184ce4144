import { defineRows } from './harness/define-rows.ts';
import { rows } from './rows/index.ts';

/** `npm run test:chaos`: all of them, or the one that ROW names (several with commas). */
const wanted = process.env['ROW']?.split(',');
const chosen = rows.filter(({ name }) => wanted?.includes(name) ?? true);
if (chosen.length < (wanted?.length ?? 1)) {
  throw new Error(`ROW: known are ${rows.map(({ name }) => name).join(', ')}`);
}
defineRows(chosen, { brief: process.env['BRIEF'] === '1' });
