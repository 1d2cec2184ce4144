setInterval(() => console.log('working'), 10_000);
