import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What commands are made of, and what stands in for it. */
const STAND_INS = [
  [/^@oclif\/core\/flags$/, 'src/cli/fast/plain/flags.ts'],
  [/^@oclif\/core\/args$/, 'src/cli/fast/plain/args.ts'],
  [/\/base-command\.ts$/, 'src/cli/fast/plain/base-command.ts'],
  [/\/subject-named\.ts$/, 'src/cli/fast/plain/subject-named.ts'],
  [/\/who-answers\.ts$/, 'src/cli/fast/plain/who-answers.ts'],
];

/** Only needed when a line is not plain, or to ask for a change: whatever of them is used says so. */
const LEFT_OUT = [
  /^yaml$/,
  /\/wire\/.*\.ts$/,
  /\/(?:file-target|here|converge|watch-table|connect|process-transport|socket-transport|resumed|brought-up)\.ts$/,
];

/**
 * An esbuild plugin that builds commands so that they answer plain lines: on a base without oclif, and without whatever
 * they need for lines, daemons and results that are not plain (src/cli/fast/plain).
 */
export function plainReads() {
  return {
    name: 'plain-reads',
    setup({ onResolve, onLoad }) {
      for (const [filter, file] of STAND_INS) {
        onResolve({ filter }, ({ kind }) => (kind === 'entry-point' ? undefined : { path: root + file }));
      }
      for (const filter of LEFT_OUT) onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
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
