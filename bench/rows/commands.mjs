/** Commands against `node -e 0`, with 100 apps running. */
import { inTurn } from '../lab/in-turn.mjs';

const ROUNDS = 15;
const PM2_ROUNDS = 5;

const READ = [{ of: 'ratio', atMost: 1.6 }];
const OTHER = [{ of: 'ratio', atMost: 2.3 }];

const LIST =
  'the list of 100 apps is made and sent while the command is loaded; 5 ms are to read and to print it, 4 to load and to ask';
const DECLARING =
  'what was read is read again and hashed, and the daemon plans every app again, with its code on disk';
const ASKING = 'it asks three times, one after the other, over the network of Node, which is slow to load';
const REASONS = {
  get: LIST,
  'get-json':
    'each of 100 apps is made anew with all its fields, 330 kB that are sent, read and printed in lines',
  why: 'it asks twice, one after the other: which app is meant, and then why',
  describe:
    'the kernel goes through its whole table of connections to say where the app listens, and the page has the whole spec',
  history:
    'the controller reads the revisions from disk for each answer, and the command all changes of each',
  logs: 'of 200 log files each is looked at, and those that are not empty are opened with the index of their times',
  validate: DECLARING,
  plan: DECLARING,
  diff: DECLARING,
  scale: ASKING,
  start: ASKING,
  stop: 'the process ends, and the daemon has seen it, before the command says so',
};

/** id, what is typed, its goals, what PM2 has for it, and what is typed afterwards, so that the next time is like the first. */
const COMMANDS = [
  ['get', 'get', [{ of: 'ratio', atMost: 1.25 }], 'ls'],
  ['get-json', 'get -o json', READ, 'jlist'],
  ['why', 'why idle-0', READ],
  ['describe', 'describe idle-0', READ, 'describe idle-0'],
  ['events', 'events', READ],
  ['history', 'history', READ],
  ['rollout-status', 'rollout status idle-0', READ],
  ['logs', 'logs --lines 20', READ, 'logs --lines 20 --nostream'],
  ['version', 'version', OTHER, '--version'],
  ['validate', 'validate -f FILE', OTHER],
  ['plan', 'plan -f FILE', OTHER],
  ['diff', 'diff -f FILE', OTHER],
  ['scale', 'scale idle-0 1', OTHER],
  ['start', 'start idle-0', OTHER],
  ['stop', 'stop idle-0', OTHER, undefined, 'start idle-0'],
  ['daemon-status', 'daemon status', OTHER],
];

export const rows = COMMANDS.map(([id, typed, goals, pm2, afterwards]) => ({
  id,
  what: `\`${typed.replace(' -f FILE', '')}\`, 100 apps`,
  unit: 'ms',
  beside: 'node -e 0',
  ...(pm2 !== undefined && { pm2: `\`pm2 ${pm2}\`` }),
  goals,
  reason: REASONS[id],
  stage: 'both',
  async measure(lab) {
    const words = (line) => line.split(' ').map((word) => (word === 'FILE' ? lab.idleFile : word));
    const ways = {
      ours: async () => {
        const ms = await lab.stateward(...words(typed));
        if (afterwards !== undefined) await lab.stateward(...words(afterwards));
        return ms;
      },
      bare: () => lab.bareNode(),
      pm2: pm2 === undefined ? undefined : lab.ifPm2(() => lab.pm2(...words(pm2))),
    };
    return { samples: await inTurn(ways, { rounds: ROUNDS, pm2Rounds: PM2_ROUNDS }) };
  },
}));
