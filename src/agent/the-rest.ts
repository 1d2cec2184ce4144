import type * as Vm from 'node:vm';
import type * as Rest from './rest.ts';

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  __filename: string,
) => void;

let loaded: typeof Rest | undefined;

/**
 * What an app needs of the agent only when something happens. It is in the file of the agent as a text: to compile it
 * would cost every app a millisecond at its start. It is not in a file of its own: an app lives longer than the files that
 * it was started from, and would find those of another version.
 */
export function theRest(): typeof Rest {
  return (loaded ??= compile());
}

function compile(): typeof Rest {
  // An import would load it with the preload, before there is a need.
  const requireNow: (name: string) => unknown = require;
  const { runInThisContext } = requireNow('node:vm') as typeof Vm;
  const parameters = 'exports,require,module,__filename';
  const source = `(function(${parameters}){${process.env.STATEWARD_AGENT_REST ?? ''}\n})`;
  const wrapped = runInThisContext(source, { filename: __filename }) as Wrapped;
  const module = { exports: {} };
  wrapped(module.exports, require, module, __filename);
  return module.exports as typeof Rest;
}
