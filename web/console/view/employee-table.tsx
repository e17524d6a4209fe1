import type { EmployeeOrderField, EmployeeRow, OrderDirection } from '../api/operations.js';
import { formatSalary } from '../state/format.js';
import type { EmployeesState } from './use-employees.js';

interface Props {
  readonly employees: EmployeesState;
  readonly field: EmployeeOrderField;
  readonly direction: OrderDirection;
  /** Who may not see salaries may not order by them, either. */
  readonly withSalaryOrder: boolean;
  readonly onOrder: (field: EmployeeOrderField) => void;
  readonly onEdit: (employee: EmployeeRow) => void;
  readonly onRemove: (employee: EmployeeRow) => void;
}

const columns = [
  ['ID', 'Id', 'number'],
  ['NAME', 'Name', ''],
  ['POSITION', 'Position', ''],
  ['SALARY', 'Salary', 'number'],
] as const;

export function EmployeeTable(props: Props) {
  const { employees, field, direction, withSalaryOrder, onOrder, onEdit, onRemove } = props;
  const { page, isLoading } = employees;
  if (page === null) return <div class="placeholder rows" aria-hidden="true" />;
  return (
    <div class="scroll">
      <table class="people" aria-busy={isLoading} data-testid="employees">
        <caption class="unseen">Employees</caption>
        <thead>
          <tr>
            {columns.map(([column, word, kind]) => (
              <th
                key={column}
                scope="col"
                class={kind}
                aria-sort={column !== field ? 'none' : direction === 'ASC' ? 'ascending' : 'descending'}
              >
                {column === 'SALARY' && !withSalaryOrder ? (
                  word
                ) : (
                  <button type="button" class="order" onClick={() => onOrder(column)}>
                    {word}
                    <span aria-hidden="true" class="mark">
                      {column !== field ? '' : direction === 'ASC' ? '↑' : '↓'}
                    </span>
                  </button>
                )}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.rows.map((employee) => (
            <Row key={employee.id} employee={employee} onEdit={onEdit} onRemove={onRemove} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ employee, onEdit, onRemove }: { employee: EmployeeRow } & Pick<Props, 'onEdit' | 'onRemove'>) {
  const { id, name, position, salary } = employee;
  return (
    <tr data-testid={`employee-${id}`}>
      <td class="number quiet">{id}</td>
      <th scope="row">{name}</th>
      <td>{position}</td>
      <td class="number">
        <span class={salary === null ? 'quiet' : ''}>{formatSalary(salary)}</span>
      </td>
      <td class="actions">
        <button type="button" class="small" onClick={() => onEdit(employee)}>
          Edit<span class="unseen"> {name}</span>
        </button>
        <button type="button" class="small" onClick={() => onRemove(employee)}>
          Remove<span class="unseen"> {name}</span>
        </button>
      </td>
    </tr>
  );
}
