process.on('SIGUSR2', () => process.exit(3));
console.log(`kill -USR2 ${process.pid} ends me on purpose, kill -KILL ${process.pid} by mistake`);
setInterval(() => {}, 60_000);
