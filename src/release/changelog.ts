import { gt, valid } from 'semver';

/** One released version, as its heading has it. */
export interface Release {
  readonly version: string;
  readonly date: string;
}

/** What stands in CHANGELOG.md, as https://keepachangelog.com has it. */
export interface Changelog {
  /** Newest first. */
  readonly releases: readonly Release[];
  /** Text of the section that has no version yet. */
  readonly unreleased: string;
  readonly problems: readonly string[];
}

const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
const unreleasedHeading = '## [Unreleased]';

export function readChangelog(text: string): Changelog {
  const [first, ...others] = [...text.matchAll(/^## .*$/gm)];
  const problems: string[] = [];
  if (first?.[0] !== unreleasedHeading) problems.push(`its first section must be ${unreleasedHeading}`);
  const releases = others.flatMap(([heading]) => {
    const { version, date } =
      /^## \[(?<version>\S+)\] - (?<date>\d{4}-\d\d-\d\d)$/.exec(heading)?.groups ?? {};
    if (version !== undefined && date !== undefined && valid(version) === version) return [{ version, date }];
    problems.push(`${JSON.stringify(heading)} must be "## [1.2.3] - 2006-01-02"`);
    return [];
  });
  releases.forEach(({ version }, index) => {
    const newer = releases[index - 1]?.version;
    if (newer !== undefined && !gt(newer, version)) problems.push(`${newer} stands above ${version}`);
  });
  for (const [, kind = ''] of text.matchAll(/^### (.*)$/gm)) {
    if (!kinds.includes(kind)) problems.push(`${kind} is none of ${kinds.join(', ')}`);
  }
  const start = (first?.index ?? 0) + unreleasedHeading.length;
  return { releases, unreleased: text.slice(start, others[0]?.index).trim(), problems };
}

/** The changelog with what was unreleased under the heading of a release. */
export const releaseChanges = (text: string, { version, date }: Release): string =>
  text.replace(unreleasedHeading, `${unreleasedHeading}\n\n## [${version}] - ${date}`);
