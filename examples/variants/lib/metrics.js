console.log(`measuring every ${process.env.EVERY}`);
setInterval(() => {}, 60_000);
