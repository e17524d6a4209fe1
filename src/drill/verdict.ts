import { type Add, type AddsVerdict, checkAdds } from '../trial/check-adds.js';

/** What a story leaves to be judged. */
export interface Evidence {
  readonly adds: readonly Add[];
  /** Names on each node in the end, by node. */
  readonly found: ReadonlyMap<string, readonly string[]>;
  /** Requests, by what they were answered with: `ok`, or the code. */
  readonly answers: ReadonlyMap<string, number>;
  /** Acknowledged, and not there for a reader. */
  readonly missed: readonly string[];
  /** What did not come about in time, and what else went wrong, in words. */
  readonly problems: readonly string[];
}

export interface Verdict extends AddsVerdict {
  /** Acknowledged, and there on every node that was asked. */
  readonly found: number;
  /** Requests that were answered with anything but what was asked for. */
  readonly failed: number;
  readonly isGood: boolean;
  /** Each thing that is wrong, in words. */
  readonly problems: readonly string[];
}

/** Names shown of each kind. */
const shown = 3;

/** Holds what clients were told against what the nodes have. */
export function judge({ adds, found, answers, missed, problems }: Evidence): Verdict {
  const verdict = checkAdds(adds, found);
  const refusals = [...answers].filter(([code]) => code !== 'ok');
  const all = [
    ...problems,
    ...refusals.map(
      ([code, count]) => `${count} ${count === 1 ? 'request was' : 'requests were'} answered with ${code}`,
    ),
    ...(found.size === 0 ? ['no node could be asked what it has'] : []),
    ...describe('acknowledged, and lost', verdict.lost),
    ...describe('there more than once', verdict.doubled),
    ...describe('said not to be applied, and there', verdict.misreported),
    ...describe('not the same on all nodes', verdict.diverged),
    ...describe('there, and nobody had asked for it', verdict.invented),
    ...describe('acknowledged, and not there for a reader', missed),
  ];
  return {
    ...verdict,
    found: found.size === 0 ? 0 : verdict.acknowledged - verdict.lost.length,
    failed: refusals.reduce((sum, [, count]) => sum + count, 0),
    isGood: all.length === 0,
    problems: all,
  };
}

function describe(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return [`${what}: ${names.slice(0, shown).join(', ')}${more}`];
}
