/** What instances of tests are labelled with, where a test is not about it. */
export const labels = {
  project: 'shop',
  app: 'api',
  slot: 0,
  generation: 1,
  restartGeneration: 0,
  revision: 1,
  templateHash: 'h',
};

/** Their output is kept nowhere. */
export const noLogs = {
  outFile: null,
  errorFile: null,
  combinedFile: null,
  dateFormat: null,
  json: false,
  rotate: null,
};
