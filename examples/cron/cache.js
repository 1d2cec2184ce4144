// A service that keeps what it has read until it is restarted.
console.log(`cache filled at ${new Date().toISOString()}`);
setInterval(() => {}, 60_000);
