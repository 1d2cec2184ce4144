const slot = process.env.STATEWARD_SLOT;
console.log(`worker ${slot} is up`);
setInterval(() => console.log(`worker ${slot} did some work`), 5000);
