import type { Log } from './replicaset/log.js';
import type { ReplicaSetObserver } from './replicaset/replica-set.js';
import type { ReplicaSetView } from './replicaset/view.js';

/**
 * What this gateway needs of the schema of the employees: the number of the last migration in cluster/ that it makes use of. It
 * works with any later one, for migrations add.
 */
export const neededSchemaVersion = 1;

/**
 * Tells in the log when the leader's schema is older than `needed`, and when that is over. Such a gateway serves what the old
 * schema has; what it lacks waits and fails as if nobody led. Returns the way to stop.
 */
export function watchSchema(
  observer: ReplicaSetObserver,
  log: Log,
  needed = neededSchemaVersion,
): () => void {
  let last: number | null = needed;
  const listener = ({ leader, nodes }: ReplicaSetView): void => {
    const status = nodes.find(({ name }) => name === leader)?.status;
    if (status == null || status.schemaVersion === last) return;
    const { schemaVersion } = status;
    const isNews = isOlder(last) || isOlder(schemaVersion);
    last = schemaVersion;
    if (!isNews) return;
    const details = { leader, schemaVersion, needed };
    if (isOlder(schemaVersion)) log.warn(details, describeOldSchema(schemaVersion, needed));
    else log.info(details, `The schema of the nodes is of version ${schemaVersion} now: nothing is missing`);
  };
  return observer.onView(listener, { isPatient: true });

  function isOlder(version: number | null): boolean {
    return version === null || version < needed;
  }
}

/** What to do about it stands in docs/operations.md. */
export function describeOldSchema(version: number | null, needed: number): string {
  const found = version === null ? 'has no version yet' : `is of version ${version}`;
  return `The schema of the nodes ${found}, and this gateway needs ${needed}: give the nodes the newer cluster/ first, and have one of them lead`;
}
