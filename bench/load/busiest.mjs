import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Opens so many connections at once, with a request on each, to a server that answers with its pid. Kept: none is closed before all
 * are answered.
 *
 * @returns what the busiest instance has, in shares of the connections: 1 is even, `instances` is all of them
 */
export async function busiest(port, { count, instances, isKept }) {
  const answers = await Promise.all(Array.from({ length: count }, () => pidBehind(port, isKept)));
  await Promise.all(answers.map(({ socket }) => socket.closed || once(socket.destroy(), 'close')));
  const counts = new Map();
  for (const { pid } of answers) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return (Math.max(...counts.values()) * instances) / count;
}

async function pidBehind(port, isKept) {
  const head = `GET / HTTP/1.1\r\nHost: bench\r\n${isKept ? '' : 'Connection: close\r\n'}\r\n`;
  const socket = connect(port, '127.0.0.1', () => socket.write(head));
  let text = '';
  while (!/\r\n\r\n[\s\S]*\d/.test(text)) text += String((await once(socket, 'data'))[0]);
  return { socket, pid: text.split('\r\n\r\n')[1] };
}
