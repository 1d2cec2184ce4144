import { writeReport } from './report.ts';

/** Writes the result into the documentation when the run has ended, if that was asked for. */
export default function setup(): () => void {
  return () => {
    if (process.env['CHAOS_WRITE'] === '1') writeReport();
  };
}
