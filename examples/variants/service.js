const { GREETING, LOG_LEVEL = 'info', TZ } = process.env;
console.log(`${GREETING} (${LOG_LEVEL}, ${TZ})`, ...process.argv.slice(2));
setInterval(() => {}, 60_000);
