import type { ClusterDefinition, Login } from './read.js';

/** The users of the shipped configuration, with passwords that everybody can read there. */
export const shippedLogins: ReadonlyMap<string, string> = new Map([
  ['admin', 'admin'],
  ['replicator', 'topsecret'],
  ['gateway', 'gateway'],
]);

/** Who still has the password that was shipped: of those that the configuration knows, and of who logs in. */
export function usersWithShippedPassword(
  { users }: Pick<ClusterDefinition, 'users'>,
  login: Login,
): readonly string[] {
  const known = new Map<string, string | null>([...users, [login.user, login.password]]);
  return [...known].filter(([user, password]) => shippedLogins.get(user) === password).map(([user]) => user);
}
