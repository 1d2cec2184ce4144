/**
 * Several ways to do one thing, in turn, A B C A B C, so that a slow moment of the machine hits all of them.
 *
 * @param ways `{ ours, bare, pm2 }`: each resolves with one sample; undefined: there is none
 * @param options.rounds how often; `warmUp`: once more before, which does not count; `pm2Rounds`: PM2 in these first rounds only
 * @returns the samples of each
 */
export async function inTurn({ ours, bare, pm2 }, { rounds, warmUp = true, pm2Rounds = rounds }) {
  const ways = Object.entries({ ours, bare, pm2 }).filter(([, way]) => way !== undefined && way !== null);
  const samples = Object.fromEntries(ways.map(([name]) => [name, []]));
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const [name, way] of ways) {
      if (name === 'pm2' && (round >= pm2Rounds || (round < 0 && pm2Rounds < rounds))) continue;
      const sample = await way();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}
