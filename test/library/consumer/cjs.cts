// The same from CommonJS: one class of errors, whoever has imported it.
import { connect, StatewardError } from 'stateward';
import stateward = require('stateward');

export const isSame: boolean = stateward.StatewardError === StatewardError;
void connect({ home: '/nowhere/stateward' }).then(
  () => process.exit(1),
  (error: unknown) => {
    const isOurs = error instanceof stateward.StatewardError && error.exitCode === 69;
    process.exit(isOurs && isSame ? 0 : 1);
  },
);
