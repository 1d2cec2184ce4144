import { pairwise, spread } from './statistics.mjs';

const over = (a, b) => a - b;
const divided = (a, b) => a / b;
const finite = (values) => values.filter(Number.isFinite);

/**
 * What the samples of a row come to, each a median with spread or null:
 * `ours`, `bare`, `pm2` in the unit of the row; `ratio` ours / bare; `over` ours - bare in that unit;
 * `pm2Ratio` PM2 / bare; `besidePm2` ours / PM2.
 */
export function figuresOf({ ours, bare, pm2 }) {
  return {
    ours: spread(ours),
    bare: spread(bare),
    pm2: spread(pm2),
    ratio: spread(finite(pairwise(ours, bare, divided))),
    over: spread(pairwise(ours, bare, over)),
    pm2Ratio: spread(finite(pairwise(pm2, bare, divided))),
    besidePm2: spread(finite(pairwise(ours, pm2, divided))),
  };
}
