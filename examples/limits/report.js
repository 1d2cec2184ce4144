setInterval(() => {
  const used = process.memoryUsage.rss() / 1024 / 1024;
  console.log(`${used.toFixed(0)} MB`);
}, 5000);
