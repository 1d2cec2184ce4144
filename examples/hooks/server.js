console.log('serving');
setInterval(() => undefined, 60_000);
