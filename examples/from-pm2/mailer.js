console.log('waiting for mail');
setInterval(() => console.log('no mail'), 10_000);
