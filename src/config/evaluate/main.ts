// The child process that evaluates an ecosystem file in JavaScript: FILE [ENV] -> one JSON answer on descriptor 3.
// It has a process group of its own, which the parent ends.
import { Socket } from 'node:net';
import { evaluate } from './evaluate.ts';

const [file = '', env] = process.argv.slice(2);
// The answer must not mix with what the file prints, and nobody reads what it prints.
const answer = new Socket({ fd: 3, readable: false, writable: true });

void evaluate(file, env ?? null).then((text) => {
  answer.end(text, () => process.exit(0));
});
