import type { NodeDiagnosis, Right } from '../tarantool/node-diagnosis.js';

/** All that a gateway calls on a node. */
export const calledFunctions: readonly string[] = [
  'replicaset.status',
  'employees.get',
  'employees.page',
  'employees.count',
  'employees.write',
  'employees.diagnosis',
  'replicaset.transfer_leadership',
];

/** What every user of Tarantool has from birth, and who only logs in needs. */
const fromBirth = (user: string): readonly Right[] => [
  { object: 'universe', name: '', privileges: 'session,usage' },
  { object: 'user', name: user, privileges: 'alter' },
];

/** What the user lacks of what a gateway needs. */
export function missingRights({ rights }: NodeDiagnosis): readonly string[] {
  return calledFunctions.filter(
    (called) =>
      !rights.some(
        ({ object, name, privileges }) =>
          privileges.split(',').includes('execute') &&
          (object === 'universe' || (object === 'function' && (name === called || name === ''))),
      ),
  );
}

/** What it may do beyond that, in words. */
export function needlessRights({ user, rights }: NodeDiagnosis): readonly string[] {
  const needed = [
    ...fromBirth(user),
    ...calledFunctions.map((name) => ({ object: 'function', name, privileges: 'execute' })),
  ];
  return rights.flatMap(({ object, name, privileges }) => {
    const due = needed.find((right) => right.object === object && right.name === name)?.privileges.split(',');
    const needless = privileges.split(',').filter((privilege) => due?.includes(privilege) !== true);
    return needless.length === 0 ? [] : [[needless.join(' and '), 'on', object, name].join(' ').trimEnd()];
  });
}
