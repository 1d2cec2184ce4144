// Counts up by STEP with every line on its standard input.
const step = Number(process.env.STEP);
let count = 0;
require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    count += step;
    console.log(`${line}: ${count}`);
  });
