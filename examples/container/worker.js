const timer = setInterval(() => console.log('did some work'), 5000);
console.log('worker is up');
process.on('SIGINT', () => {
  clearInterval(timer);
  console.log('worker has put everything away');
});
