const megabytes = Number(process.argv[2]);
const kept = [];
setInterval(() => kept.push(Buffer.alloc(megabytes * 1024 * 1024, 1)), 1000);
