/** Commands of PM2 that are called otherwise here, or that are not needed: the hint for each. */
const PM2_WORDS: ReadonlyMap<string, string> = new Map([
  ...words(['desc', 'info', 'show'], 'stateward describe APP'),
  ...words(['jlist', 'prettylist'], 'stateward get -o json'),
  ...words(['pid', 'id'], 'stateward get APP -o wide'),
  ...words(['env'], 'stateward describe APP --show-secrets'),
  ...words(['l'], 'stateward get'),
  ...words(['monit', 'dashboard', 'dash', 'imonit'], 'stateward get -w'),
  ...words(['kill'], 'stateward daemon stop --all'),
  ...words(['update', 'updatePM2'], 'stateward daemon stop && stateward daemon start; apps keep running'),
  ...words(['ping'], 'stateward daemon status'),
  ...words(['report'], 'stateward doctor'),
  ...words(['backward'], 'stateward rollback APP; what there is to go back to: stateward history APP'),
  ...words(['trigger'], 'stateward send APP MESSAGE'),
  ...words(
    ['save', 'dump', 'resurrect', 'cleardump'],
    'nothing to do: what was applied is kept, and comes back with the daemon',
  ),
]);

/** What somebody who typed a command of PM2 is to do instead; undefined when it is none that is known. */
export function pm2Hint(word: string): string | undefined {
  return PM2_WORDS.get(word);
}

function words(names: readonly string[], hint: string): readonly (readonly [string, string])[] {
  return names.map((name) => [name, hint]);
}
