import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Failure } from '../../lib/failure.ts';
import { declare } from '../../sources/declare/declare.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { SourcesContext } from '../sources/context.ts';

export type ReadingContext = Pick<SourcesContext, 'declareProgram' | 'environment' | 'clock'>;

/**
 * What the ecosystem file of a project declares now, read in a process of its own as the file of a source is, with the
 * daemon's environment. Fails where only whoever typed it can say it again: values given with `--var`, several files,
 * standard input.
 */
export async function readDeclared(
  { project, source }: Pick<ProjectRecord, 'project' | 'source'>,
  { by, command }: Pick<ApplyRequest, 'by' | 'command'>,
  { declareProgram: program, environment, clock }: ReadingContext,
): Promise<Result<ApplyRequest, Failure>> {
  const { files, env, over = [], vars = {} } = source;
  const [file, ...others] = files;
  if (file === undefined) return err(cannotRead(project, 'its apps were started by hand, from no file'));
  if (file === '-') return err(cannotRead(project, 'it was read from standard input'));
  if (others.length > 0 || over.length > 0) return err(cannotRead(project, 'it is made of several files'));
  if (Object.keys(vars).length > 0) return err(cannotRead(project, 'values were given with --var'));
  const answer = await declare({ file, env, shown: file }, { program, environment, clock });
  if (!answer.ok) {
    const [first = cannotRead(project, 'nothing says why'), ...rest] = answer.failures;
    const more = rest.map(({ message }) => `also: ${message}`);
    return err(more.length === 0 ? first : { ...first, details: [...(first.details ?? []), ...more] });
  }
  const projects = answer.projects.filter((one) => one.project === project);
  if (projects.length === 0) return err(cannotRead(project, `${file} declares another project`));
  const { readFrom } = answer;
  return ok({
    ...{ projects, prune: true, only: null, allowWipe: false, basis: null, by, command },
    ...(readFrom !== undefined && { readFrom }),
  });
}

function cannotRead(project: string, why: string): Failure {
  return {
    code: 'CONFLICT',
    message: `cannot tell what project ${project} declares now: ${why}`,
    hint: 'stateward plan, typed as it was applied, shows it',
  };
}
