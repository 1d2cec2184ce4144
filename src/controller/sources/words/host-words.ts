import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { Repository } from '../../../sources/git/model.ts';
import { notesRef, withWord, wordsIn, type HostWord } from '../../../sources/model/host-word.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { GitOrigin } from '../../../sources/model/source.ts';
import type { ThisHost } from '../work/surroundings.ts';

/** What hosts tell each other of the commits of a source, by notes in its repository. */
export interface HostWords {
  /** What the host that goes first says of a commit; null: nothing yet. Absent: nobody is waited for. */
  of(
    commit: string,
    record: SourceRecord,
    signal: AbortSignal,
  ): Promise<Result<HostWord | null, Failure> | undefined>;
  /** Says it to the others. Gives why it cannot; null: it did. */
  say(commit: string, word: HostWord, signal: AbortSignal): Promise<Failure | null>;
}

export function hostWords(
  source: string,
  { waitFor }: Pick<GitOrigin, 'waitFor'>,
  { repository, host }: { readonly repository: Repository; readonly host: ThisHost },
): HostWords {
  const ref = notesRef(source);
  return {
    async of(commit, { applied, heard }, signal) {
      if (waitFor === undefined || waitFor.host === host.name) return undefined;
      // What is applied is not asked about any more, and what was good stays so.
      if (applied?.id === commit) return undefined;
      if (heard?.version === commit && heard.word?.result === 'good') return ok(heard.word);
      const note = await repository.readNote({ commit, ref, signal });
      if (!note.ok) return note;
      return ok(wordsIn(note.value).find((word) => word.host === waitFor.host) ?? null);
    },
    async say(commit, word, signal) {
      const edit = (text: string): string => withWord(text, word);
      const said = await repository.writeNote({ commit, ref, signal, edit, by: host.name });
      return said.ok ? null : said.error;
    },
  };
}
