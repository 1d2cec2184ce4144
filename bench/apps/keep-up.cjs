// Keeps one Node program running, with nothing else to do; says the pid of each process over the channel.
const { spawn } = require('node:child_process');

function start() {
  const child = spawn(process.execPath, [process.argv[2]], { detached: true, stdio: 'ignore' });
  child.once('exit', start);
  process.send(child.pid);
}
start();
