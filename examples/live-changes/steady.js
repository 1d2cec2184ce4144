console.log(`pid ${process.pid}`);
setInterval(() => console.log(`still pid ${process.pid}`), 5000);
