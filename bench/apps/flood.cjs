/** Connects to FLOOD_SOCKET, and with the first byte from there writes MEGABYTES of lines as fast as they are taken. */
const { writeSync } = require('node:fs');
const { connect } = require('node:net');

const LINE = `${'.'.repeat(99)}\n`;
const chunk = Buffer.from(LINE.repeat(640));
const total = Number(process.env.MEGABYTES) * 1_000_000;

connect(process.env.FLOOD_SOCKET).once('data', function flood() {
  for (let left = total; left > 0;) left -= writeSync(1, chunk, 0, Math.min(left, chunk.length));
  this.end('done');
});
