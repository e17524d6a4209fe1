import type { ApiError } from '../api/api-error.js';
import type { EmployeeRow } from '../api/operations.js';
import { parseWhole } from './list-request.js';
import { describeError, sentence } from './words.js';

/** What a person has typed. */
export interface EmployeeText {
  readonly name: string;
  readonly position: string;
  readonly salary: string;
}

export type EmployeeField = keyof EmployeeText;

/** What is wrong, at the field that it belongs to; `form` for what belongs to none. */
export type FormProblems = Readonly<Partial<Record<EmployeeField | 'form', string>>>;

export const textOf = (employee: EmployeeRow | null): EmployeeText => ({
  name: employee?.name ?? '',
  position: employee?.position ?? '',
  salary: employee === null || employee.salary === null ? '' : String(employee.salary),
});

interface Values {
  readonly name: string;
  readonly position: string;
  readonly salary: number;
}

type Parsed<Sent> =
  | { readonly values: Sent; readonly problems?: undefined }
  | { readonly problems: FormProblems; readonly values?: undefined };

/** The one thing that cannot be left to the gateway: what is no whole number cannot be sent as one. Pure. */
export function parseText({ name, position, salary }: EmployeeText): Parsed<Values> {
  const whole = parseWhole(salary);
  return whole === null
    ? { problems: { salary: 'Must be a whole number.' } }
    : { values: { name, position, salary: whole } };
}

/** As `parseText`; a salary that the person may not see stays as it is unless another is typed. Pure. */
export function parseChange(text: EmployeeText, seen: EmployeeRow): Parsed<Omit<Values, 'salary'>> {
  const { name, position, salary } = text;
  return seen.salary === null && salary.trim() === '' ? { values: { name, position } } : parseText(text);
}

/** Where an error of the gateway is shown. Pure. */
export function problemsOf(error: ApiError): FormProblems {
  const field = fieldOf(error.field);
  if (field === null) return { form: describeError(error) };
  return { [field]: error.reason === null ? describeError(error) : sentence(error.reason) };
}

/** `input.salary` belongs to `salary`. */
function fieldOf(path: string | null): EmployeeField | null {
  return (['name', 'position', 'salary'] as const).find((field) => path === `input.${field}`) ?? null;
}
