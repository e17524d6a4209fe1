import type { Permission } from './identity.js';

/**
 * What each part of the schema asks of who uses it, by its coordinate: `Type.field`, `Input.field`, `Enum.VALUE`. Every
 * field of Query, Mutation and Subscription has a row; of the rest, what is more private than the field that leads there.
 * What has a row is refused to who lacks the permission; a field of an answer becomes null, with an error at its path.
 */
export const rights: Readonly<Record<string, Permission>> = {
  'Query.employee': 'employees:read',
  'Query.employees': 'employees:read',
  'Query.topology': 'cluster:read',
  'Query.leadershipHistory': 'cluster:read',

  'Mutation.addEmployee': 'employees:write',
  'Mutation.addEmployees': 'employees:write',
  'Mutation.updateEmployee': 'employees:write',
  'Mutation.removeEmployee': 'employees:write',
  'Mutation.transferLeadership': 'cluster:steer',

  'Subscription.leadershipChanged': 'cluster:read',
  'Subscription.topologyChanged': 'cluster:read',

  'Employee.salary': 'salaries:read',
  // Whatever lets an answer depend on a salary: a filter, an order (whose cursors are salaries), a condition of a write.
  'EmployeeFilter.salary': 'salaries:read',
  'EmployeeOrderField.SALARY': 'salaries:read',
  'ExpectedEmployeeInput.salary': 'salaries:read',
};
