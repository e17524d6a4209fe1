import { request } from './fetch.js';

interface Employee {
  readonly id: string;
  readonly name: string;
}

const hire = `mutation Hire($input: AddEmployeeInput!) {
  addEmployee(input: $input) { employee { id } bookmark }
}`;

const find = `query Find($id: ID!, $bookmark: String!) {
  employee(id: $id, read: { consistency: REPLICA, bookmark: $bookmark }) { id name }
}`;

/** Adds an employee, then reads it from a replica. Without the bookmark the replica might not have it yet. */
export async function hireAndFind(url: string, name: string): Promise<Employee | null> {
  const input = { name, position: 'Engineer', salary: 6000 };
  const hired = await request<{ addEmployee: { employee: { id: string }; bookmark: string } }>(url, {
    query: hire,
    variables: { input },
  });
  const { employee, bookmark } = hired.addEmployee;
  const found = await request<{ employee: Employee | null }>(url, {
    query: find,
    variables: { id: employee.id, bookmark },
  });
  return found.employee;
}
