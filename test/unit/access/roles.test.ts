import { describe, expect, test } from 'vitest';
import { parseRolePermissions, permissionsOf, rolesIn } from '../../../src/access/roles.js';

describe('roles and what they may do', () => {
  test('are read with or without spaces', () => {
    const parsed = parseRolePermissions(
      'hr=employees:read,salaries:read; urn:ops = cluster:read , cluster:steer;',
    );
    expect(parsed).toEqual({
      map: new Map([
        ['hr', ['employees:read', 'salaries:read']],
        ['urn:ops', ['cluster:read', 'cluster:steer']],
      ]),
    });
  });

  test('are refused with all that is wrong with them', () => {
    expect(
      parseRolePermissions('hr=employees:read,admin;=cluster:read;nothing;hr=salaries:read;empty='),
    ).toEqual({
      problems: [
        'role "hr" has "admin", which is no permission',
        '"=cluster:read" is no role=permission,permission',
        '"nothing" is no role=permission,permission',
        'role "hr" is there twice',
        'role "empty" has "", which is no permission',
      ],
    });
    expect(parseRolePermissions(' ; ')).toEqual({ problems: ['there is no role in it'] });
  });

  test.each([
    [{ roles: ['hr', 'staff'] }, 'roles', ['hr', 'staff']],
    [{ scope: 'hr  staff' }, 'scope', ['hr', 'staff']],
    [{ realm_access: { roles: ['hr'] } }, 'realm_access.roles', ['hr']],
    [{ 'https://example.com/roles': ['hr'] }, 'https://example.com/roles', ['hr']],
    [{ roles: ['hr', 7, null, { hr: true }] }, 'roles', ['hr']],
    [{ roles: { hr: true } }, 'roles', []],
    [{}, 'roles', []],
    [{ roles: 'hr' }, 'constructor.name', []],
    [{ roles: ['hr'] }, 'roles.0', ['hr']],
  ])('of the claims %j, by %s, are %j', (claims, claim, roles) => {
    expect(rolesIn(claims, claim)).toEqual(roles);
  });

  test('that are in no setting give nothing; those of several roles add up', () => {
    const map = new Map([
      ['hr', ['employees:read', 'salaries:read'] as const],
      ['staff', ['employees:read', 'cluster:read'] as const],
    ]);
    expect(permissionsOf(['hr', 'staff'], map)).toEqual(
      new Set(['employees:read', 'salaries:read', 'cluster:read']),
    );
    expect(permissionsOf(['root', '__proto__'], map)).toEqual(new Set());
  });
});
