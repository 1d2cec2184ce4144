import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What flags and arguments are declared with, and what stands in for it. */
const DECLARED = [
  [/^@oclif\/core\/flags$/, 'src/cli/fast/plain/flags.ts'],
  [/^@oclif\/core\/args$/, 'src/cli/fast/plain/args.ts'],
];

const READS = {
  standIns: [
    ...DECLARED,
    [/\/base-command\.ts$/, 'src/cli/fast/plain/base-command.ts'],
    [/\/subject-named\.ts$/, 'src/cli/fast/plain/subject-named.ts'],
    [/\/who-answers\.ts$/, 'src/cli/fast/plain/who-answers.ts'],
  ],
  /** Only needed when a line is not plain, or to ask for a change. */
  leftOut: [
    /^yaml$/,
    /\/wire\/.*\.ts$/,
    /\/(?:file-target|here|converge|watch-table|connect|process-transport|socket-transport|resumed|brought-up)\.ts$/,
  ],
};

const VERBS = {
  standIns: [
    ...DECLARED,
    [/^@oclif\/core\/(?:command|config)$/, 'src/cli/fast/verbs/command.ts'],
    [/^@oclif\/core\/parser$/, 'src/cli/fast/verbs/parser.ts'],
    [/\/file-target\.ts$/, 'src/cli/fast/verbs/file-target.ts'],
  ],
  /** Only needed before anything is done: to read files, to start a daemon, to find out what else was meant, to ask people. */
  leftOut: [
    /\/wire\/.*\.ts$/,
    /\/declare\/(?:applying|here|near-files|project-files|renewing|script-target|start-app|starting)\.ts$/,
    /\/(?:daemon-process|process-transport|brought-up|shown-warnings|boot-hint|confirm|plan-human|foreign-files)\.ts$/,
  ],
};

/**
 * An esbuild plugin that builds commands so that they answer plain lines: on a base without oclif, and without whatever
 * they need for lines, daemons and results that are not plain (src/cli/fast/plain).
 */
export function plainReads() {
  return plain('plain-reads', READS);
}

/** The same for verbs (src/cli/fast/verbs): on their own base, with what stands in for oclif below it. */
export function plainVerbs() {
  return plain('plain-verbs', VERBS);
}

/** Whatever is used of what was left out says that a line is not plain. */
function plain(name, { standIns, leftOut }) {
  return {
    name,
    setup({ onResolve, onLoad }) {
      for (const [filter, file] of standIns) {
        onResolve({ filter }, ({ kind }) => (kind === 'entry-point' ? undefined : { path: root + file }));
      }
      for (const filter of leftOut) onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
      onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
        contents: `
          import { NotPlain } from '${root}src/cli/fast/plain/not-plain.ts';
          const refuse = () => { throw new NotPlain(); };
          module.exports = Object.create(new Proxy({}, {
            get: (_, name) => (typeof name === 'symbol' || name === 'then' || name === '__esModule' ? undefined : refuse),
          }));`,
        resolveDir: root,
      }));
    },
  };
}
