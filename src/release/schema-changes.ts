import { buildSchema, findBreakingChanges } from 'graphql';
import { inc, major, minor } from 'semver';

/** What of the released schema clients could rely on, and cannot in the current one; empty when there is nothing. */
export function breakingChanges(releasedText: string, currentText: string): readonly string[] {
  const changes = findBreakingChanges(buildSchema(releasedText), buildSchema(currentText));
  return changes.map(({ description }) => description.replace(/\.$/, ''));
}

/**
 * Whether a version tells clients that what they rely on may be gone. Before 1.0.0 the second number does that, as it does
 * for the `^` of npm: nothing has been promised for longer yet.
 */
export function isMajorStep(released: string, next: string): boolean {
  return major(next) > major(released) || (major(released) === 0 && minor(next) > minor(released));
}

/** The version with which clients are told so. */
export const nextMajor = (released: string): string =>
  inc(released, major(released) === 0 ? 'minor' : 'major') ?? released;

/** Whether a version tells clients that there is more than before. */
export const isMinorStep = (released: string, next: string): boolean =>
  isMajorStep(released, next) || minor(next) > minor(released);
