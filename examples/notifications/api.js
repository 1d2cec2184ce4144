// Crashes while the file `broken` is there.
const { existsSync } = require('node:fs');
if (existsSync(`${__dirname}/broken`)) process.exit(1);
setInterval(() => {}, 1_000);
