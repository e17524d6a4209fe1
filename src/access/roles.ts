import { permissions, type Permission } from './identity.js';

/** Which roles may do what. */
export type RolePermissions = ReadonlyMap<string, readonly Permission[]>;

const isPermission = (text: string): text is Permission => permissions.some((known) => known === text);

/**
 * Reads `hr=employees:read,salaries:read; operator=cluster:read`: roles and what each may do.
 * @returns the map, or every problem with it
 */
export function parseRolePermissions(
  text: string,
): { readonly map: RolePermissions } | { readonly problems: readonly string[] } {
  const map = new Map<string, readonly Permission[]>();
  const problems: string[] = [];
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, role = '', list = ''] = /^([^=]*)=(.*)$/.exec(entry)?.map((part) => part.trim()) ?? [];
    if (role === '') {
      problems.push(`${JSON.stringify(entry)} is no role=permission,permission`);
      continue;
    }
    if (map.has(role)) problems.push(`role ${JSON.stringify(role)} is there twice`);
    const names = list.split(',').map((name) => name.trim());
    for (const name of names.filter((given) => !isPermission(given))) {
      problems.push(`role ${JSON.stringify(role)} has ${JSON.stringify(name)}, which is no permission`);
    }
    map.set(role, names.filter(isPermission));
  }
  if (map.size === 0 && problems.length === 0) problems.push('there is no role in it');
  return problems.length === 0 ? { map } : { problems };
}

/**
 * The roles that a token gives to its subject: a list, or a text with spaces between them. `claim` is the name of a claim
 * of its own, such as `https://example.com/roles`, or a path to one within others, such as `realm_access.roles`.
 */
export function rolesIn(claims: Readonly<Record<string, unknown>>, claim: string): readonly string[] {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : follow(claims, claim.split('.'));
  if (typeof value === 'string') return value.split(' ').filter((role) => role !== '');
  return Array.isArray(value) ? value.filter((role) => typeof role === 'string') : [];
}

function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (found: unknown, name) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, name)
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined,
    value,
  );
}

/** All that somebody with these roles may do. Roles that are not in the map give nothing. */
export function permissionsOf(roles: readonly string[], map: RolePermissions): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => map.get(role) ?? []));
}
