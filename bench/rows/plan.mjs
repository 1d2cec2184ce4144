/** The plan of many unchanged apps whose code is read and compared, in time of the processor. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(import.meta.dirname, '../plan.mjs');
const MANY = 10_000;
const FEW = 2_500;
const RUNS = 7;

export const rows = [
  {
    id: 'plan-10000',
    what: 'plan of 10,000 unchanged apps, code compared: processor',
    ...{ unit: 'ms', beside: 'no code compared', stage: 'nothing' },
    goals: [{ of: 'ours', atMost: 200 }],
    reason:
      'each app is hashed, looked up and described, whether it has changed or not: a fifth of it collects garbage',
    async measure(lab) {
      const { withCode, without } = await lab.shared(many);
      return { samples: { ours: withCode, bare: without } };
    },
  },
  {
    id: 'plan-growth',
    what: 'the same for each app, beside a plan of 2,500',
    ...{ unit: 'µs an app', beside: '2,500 apps', stage: 'nothing' },
    goals: [{ of: 'ratio', atMost: 1.2 }],
    async measure(lab) {
      const perApp = (samples, apps) => samples.map((ms) => (ms * 1000) / apps);
      const { withCode } = await lab.shared(many);
      const few = await planned(lab, FEW);
      return { samples: { ours: perApp(withCode, MANY), bare: perApp(few.withCode, FEW) } };
    },
  },
];

function many(lab) {
  return planned(lab, MANY);
}

async function planned(lab, apps) {
  const args = [PROGRAM, '--apps', apps, '--runs', RUNS, '--build', lab.root, '--json'].map(String);
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}
