// It reads the file itself when it is told to, so that no new process is needed.
const { readFileSync } = require('node:fs');
const read = () => readFileSync('secrets/db', 'utf8').trim().length;
process.on('SIGHUP', () => console.log(`read again: ${read()} characters`));
console.log(`password of ${read()} characters`);
setInterval(() => undefined, 60_000);
