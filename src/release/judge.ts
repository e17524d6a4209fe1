import { gt, valid } from 'semver';
import { readChangelog } from './changelog.js';
import { breakingChanges, isMajorStep, isMinorStep, nextMajor } from './schema-changes.js';

/** The files that tell what was released and what is there now. */
export interface ReleaseFiles {
  readonly packageVersion: string;
  readonly lockVersion: string;
  readonly changelog: string;
  /** schema.graphql, which the next release will have. */
  readonly schema: string;
  /** The schema of the last release, under its version; null when there is none. */
  readonly released: { readonly version: string; readonly schema: string } | null;
}

/** What is wrong with them, in words; empty when a release could be made of them or is there. Pure. */
export function judgeFiles({
  packageVersion,
  lockVersion,
  changelog,
  schema,
  released,
}: ReleaseFiles): readonly string[] {
  const { releases, problems: ofChangelog } = readChangelog(changelog);
  const problems = ofChangelog.map((problem) => `CHANGELOG.md: ${problem}`);
  if (packageVersion !== lockVersion)
    problems.push(
      `package.json has version ${packageVersion}, package-lock.json ${lockVersion}: run npm install`,
    );
  const [last] = releases;
  if (last?.version !== released?.version)
    problems.push(
      `CHANGELOG.md has ${last?.version ?? 'nothing'} for the last release, releases/ ${released?.version ?? 'nothing'}`,
    );
  if (released === null) return problems;
  if (gt(released.version, packageVersion))
    problems.push(`package.json has version ${packageVersion}, but ${released.version} is released already`);
  const breaking = breakingChanges(released.schema, schema);
  if (breaking.length > 0 && !isMajorStep(released.version, packageVersion))
    problems.push(
      `schema.graphql takes away what clients of ${released.version} may rely on. Deprecate it in place of that, or set the version in package.json to ${nextMajor(released.version)}: ${breaking.join('; ')}`,
    );
  return problems;
}

/** Why `version` may not be released with these files, beside what {@link judgeFiles} says; empty when it may. Pure. */
export function judgeRelease(
  version: string,
  { changelog, schema, released }: ReleaseFiles,
): readonly string[] {
  if (valid(version) !== version) return [`${JSON.stringify(version)} is no version, such as 1.2.3`];
  const problems: string[] = [];
  if (readChangelog(changelog).unreleased === '')
    problems.push('CHANGELOG.md tells of nothing that is unreleased');
  if (released === null) return problems;
  if (!gt(version, released.version)) problems.push(`${released.version} is released already`);
  if (schema !== released.schema && !isMinorStep(released.version, version))
    problems.push(`schema.graphql is another than that of ${released.version}: that is more than a patch`);
  return problems;
}
