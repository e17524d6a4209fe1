import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { readReleaseFiles, writeRelease } from '../../../src/release/files.js';
import { type ReleaseFiles, judgeFiles, judgeRelease } from '../../../src/release/judge.js';

const schema = `
  type Query { employee(id: ID!): Employee  employees: [Employee!]! }
  type Employee { id: ID!  name: String!  salary: Int }
  enum Role { LEADER FOLLOWER }
`;

const changelog = (version: string) =>
  `# Changelog\n\n## [Unreleased]\n\n### Added\n\n- More.\n\n## [${version}] - 2026-01-31\n\n### Added\n\n- All.\n`;

/** The last release, and the version and schema that are to be the next. */
const after = (released: string, packageVersion: string, changed: string): ReleaseFiles => ({
  packageVersion,
  lockVersion: packageVersion,
  changelog: changelog(released),
  schema: changed,
  released: { version: released, schema },
});

describe('the release check', () => {
  test.each([
    ['a field is taken away', schema.replace('salary: Int', ''), /Employee\.salary was removed/],
    [
      'a field has another type',
      schema.replace('salary: Int', 'salary: Float'),
      /Employee\.salary changed type/,
    ],
    ['a field may be null', schema.replace('name: String!', 'name: String'), /Employee\.name changed type/],
    [
      'an argument becomes necessary',
      schema.replace('employees:', 'employees(first: Int!):'),
      /required arg first/,
    ],
    [
      'a value is taken away',
      schema.replace('LEADER FOLLOWER', 'LEADER'),
      /FOLLOWER was removed from enum type Role/,
    ],
    ['a type is taken away', schema.replace('enum Role { LEADER FOLLOWER }', ''), /Role was removed/],
  ])('refuses a version with the same first number when %s', (_, changed, told) => {
    for (const version of ['1.4.2', '1.4.3', '1.5.0'])
      expect(judgeFiles(after('1.4.2', version, changed))).toEqual([expect.stringMatching(told)]);
    expect(judgeFiles(after('1.4.2', '1.5.0', changed))).toEqual([
      expect.stringContaining('set the version in package.json to 2.0.0'),
    ]);
    expect(judgeFiles(after('1.4.2', '2.0.0', changed))).toEqual([]);
  });

  test('before 1.0.0 takes the second number for the first', () => {
    const broken = schema.replace('salary: Int', '');
    expect(judgeFiles(after('0.1.0', '0.1.1', broken))).toEqual([
      expect.stringContaining('set the version in package.json to 0.2.0'),
    ]);
    expect(judgeFiles(after('0.1.0', '0.2.0', broken))).toEqual([]);
  });

  test('lets a schema grow without a new first number, but not in a patch', () => {
    const grown = schema.replace('salary: Int', 'salary: Int  since: String');
    expect(judgeFiles(after('1.4.2', '1.4.2', grown))).toEqual([]);
    expect(judgeRelease('1.4.3', after('1.4.2', '1.4.2', grown))).toEqual([
      'schema.graphql is another than that of 1.4.2: that is more than a patch',
    ]);
    expect(judgeRelease('1.5.0', after('1.4.2', '1.4.2', grown))).toEqual([]);
  });

  test.each<[string, Partial<ReleaseFiles>, RegExp]>([
    [
      'versions that differ',
      { lockVersion: '1.4.1' },
      /package\.json has version 1\.4\.2, package-lock\.json 1\.4\.1/,
    ],
    [
      'a version below the last release',
      { packageVersion: '1.4.1', lockVersion: '1.4.1' },
      /1\.4\.2 is released already/,
    ],
    [
      'a changelog without what comes next',
      { changelog: changelog('1.4.2').replace('[Unreleased]', 'Next') },
      /first section/,
    ],
    [
      'a heading without a date',
      { changelog: changelog('1.4.2').replace(' - 2026-01-31', '') },
      /## \[1\.2\.3\] - 2006/,
    ],
    [
      'a kind of change that is none',
      { changelog: `${changelog('1.4.2')}\n### Improved\n` },
      /Improved is none of Added/,
    ],
    [
      'releases in another order',
      { changelog: `${changelog('1.4.2')}\n## [1.5.0] - 2026-01-01\n` },
      /1\.4\.2 stands above 1\.5\.0/,
    ],
    [
      'a release without its schema',
      { changelog: changelog('1.4.3') },
      /1\.4\.3 for the last release, releases\/ 1\.4\.2/,
    ],
  ])('refuses %s', (_, files, told) => {
    expect(judgeFiles({ ...after('1.4.2', '1.4.2', schema), ...files })).toContainEqual(
      expect.stringMatching(told),
    );
  });

  test.each([
    ['1.4.2', '1.4.2 is released already'],
    ['v2', '"v2" is no version, such as 1.2.3'],
  ])('refuses to release %s', (version, told) =>
    expect(judgeRelease(version, after('1.4.2', '1.4.2', schema))).toEqual([told]),
  );

  test('refuses to release nothing', () => {
    const files = {
      ...after('1.4.2', '1.4.2', schema),
      changelog: changelog('1.4.2').replace(/### Added\n\n- More\.\n\n/, ''),
    };
    expect(judgeRelease('1.4.3', files)).toEqual(['CHANGELOG.md tells of nothing that is unreleased']);
  });
});

test('the schema that is committed, with a field less, is refused', async () => {
  const files = await readReleaseFiles(packageRoot);
  const shorter = files.schema.replace('readOnlyReason: String', 'reason: String');
  expect(shorter).not.toBe(files.schema);
  expect(judgeFiles({ ...files, schema: shorter })).toEqual([
    expect.stringContaining('Node.readOnlyReason was removed'),
  ]);
});

test('a release that is written is one that the check takes', async () => {
  const root = await mkdtemp(join(tmpdir(), 'release-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const name of ['package.json', 'package-lock.json', 'CHANGELOG.md', 'schema.graphql', 'releases'])
    await cp(join(packageRoot, name), join(root, name), { recursive: true });
  const before = await readReleaseFiles(root);
  await writeRelease(root, before, { version: '9.8.7', date: '2027-01-02' });
  const files = await readReleaseFiles(root);
  expect(files).toMatchObject({ packageVersion: '9.8.7', lockVersion: '9.8.7', schema: before.schema });
  expect(files.released).toEqual({ version: '9.8.7', schema: before.schema });
  expect(files.changelog).toContain('## [Unreleased]\n\n## [9.8.7] - 2027-01-02\n');
  expect(judgeFiles(files)).toEqual([]);
  expect(await readdir(join(root, 'releases'))).toEqual(['9.8.7.graphql']);
});
