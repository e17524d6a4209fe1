import { systemClock } from '../clock.js';
import { OperatorError } from '../operator-error.js';
import { packageRoot } from '../package-root.js';
import { runCommand } from '../run-command.js';
import { readReleaseFiles, writeRelease } from './files.js';
import { judgeFiles, judgeRelease } from './judge.js';

/**
 * `npm run release -- 1.2.3`: writes the version, the heading in CHANGELOG.md and the released schema, or says what stands
 * against it. With `--check` in place of a version it writes nothing: part of `npm run check`.
 */
await runCommand(async () => {
  const [asked = '', ...others] = process.argv.slice(2);
  if (asked === '' || others.length > 0)
    throw new OperatorError('Say one thing', ['a version, such as 1.2.3, or --check']);
  const files = await readReleaseFiles(packageRoot);
  if (asked === '--check') {
    refuse('The release check refuses this', judgeFiles(files));
    return 0;
  }
  const problems = [
    ...judgeRelease(asked, files),
    ...judgeFiles({ ...files, packageVersion: asked, lockVersion: asked }),
  ];
  refuse(`${asked} cannot be released`, problems);
  await writeRelease(packageRoot, files, {
    version: asked,
    date: systemClock.date().toISOString().slice(0, 10),
  });
  process.stdout.write(`${asked}: look at the changes, and commit them\n`);
  return 0;
});

function refuse(title: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new OperatorError(title, problems);
}
