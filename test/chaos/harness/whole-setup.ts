import { writeReport } from './report.ts';

/** Writes the result of the run into the documentation when it has ended, if that was asked for. */
export default function setup(): () => void {
  const began = Date.now();
  return () => {
    if (process.env['CHAOS_WRITE'] === '1') writeReport({ seed: process.env['SEED'] ?? '', began });
  };
}
