import { defineRows } from './harness/define-rows.ts';
import { rows } from './rows/index.ts';

// A few of the rows, of every kind: the others take `npm run test:chaos`.
defineRows(
  rows.filter(({ smoke }) => smoke === true),
  { brief: true },
);
