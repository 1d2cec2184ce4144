// Stands for a connection to a database.
setTimeout(() => process.send?.('ready'), 500);
setInterval(() => undefined, 60_000);
