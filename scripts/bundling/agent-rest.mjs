import { build } from 'esbuild';

/**
 * The definitions of a build of the agent: its file holds what an app seldom needs of it as a text, see
 * `src/agent/the-rest.ts`.
 *
 * @param {import('esbuild').BuildOptions} options of the build that the agent itself is of
 * @returns {Promise<Record<string, string>>}
 */
export async function withRest({ define = {}, ...options }) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: ['src/agent/rest.ts'],
    outdir: undefined,
    outfile: undefined,
    define,
    write: false,
    metafile: false,
    legalComments: 'none',
  });
  return { ...define, 'process.env.STATEWARD_AGENT_REST': JSON.stringify(outputFiles[0].text) };
}
