import { createInterface } from 'node:readline';
import type { SendAnswer, SendJob } from './jobs.ts';
import { send } from './send.ts';

/**
 * The program that reaches receivers. It gets a job a line on standard input, and answers a line for each on standard
 * output, in whatever order they are done; it ends with its input. It alone reads secrets, and writes none.
 */
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', (line) => {
  const job = JSON.parse(line) as SendJob;
  void send(job).then((result) => {
    const answer: SendAnswer = { job: job.job, ...result };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
});
// Whoever started it is gone: what is under way would be sent again by the next one.
lines.on('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
