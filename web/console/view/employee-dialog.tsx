import { useLayoutEffect, useState } from 'preact/hooks';
import { ask } from '../api/ask.js';
import { mutate } from '../api/mutate.js';
import { AddEmployee, EmployeeNow, type EmployeeRow, UpdateEmployee } from '../api/operations.js';
import {
  type EmployeeField,
  type EmployeeText,
  type FormProblems,
  parseText,
  problemsOf,
  textOf,
} from '../state/employee-form.js';
import { formatNumber } from '../state/format.js';
import type { LiveState } from '../state/live-state.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { useMutation } from './use-mutation.js';
import { Waiting } from './waiting.js';

interface Written {
  readonly bookmark: string;
  readonly employee: EmployeeRow;
}

interface Props {
  /** Null adds one. */
  readonly employee: EmployeeRow | null;
  readonly live: LiveState;
  readonly onDone: (news: string, written: Written) => void;
  readonly onClose: (sent: 'nothing-sent' | 'still-pending') => void;
}

const fields: readonly (readonly [EmployeeField, string])[] = [
  ['name', 'Name'],
  ['position', 'Position'],
  ['salary', 'Salary'],
];

/** Adds an employee or changes one. A change is made only to what one has seen. */
export function EmployeeDialog({ employee, live, onDone, onClose }: Props) {
  const [text, setText] = useState<EmployeeText>(() => textOf(employee));
  const [seen, setSeen] = useState(employee);
  const [theirs, setTheirs] = useState<EmployeeRow | null>(null);
  const [local, setLocal] = useState<FormProblems>({});
  const { state, submit } = useMutation<Written>();
  const isPending = state.phase === 'pending';
  const close = () => onClose(isPending ? 'still-pending' : 'nothing-sent');
  const problems: FormProblems = state.phase === 'failed' ? problemsOf(state.error) : local;
  const hasChanged = state.phase === 'failed' && state.error.code === 'EMPLOYEE_CHANGED';

  // The person is led to what is wrong, wherever the focus was when the answer came, and before it is shown.
  useLayoutEffect(() => {
    const wrong = fields.find(([field]) => problems[field] !== undefined);
    if (state.phase === 'failed' && wrong !== undefined) focusOn(wrong[0]);
  }, [state]);

  async function save(): Promise<void> {
    const parsed = parseText(text);
    setLocal(parsed.problems ?? {});
    if (parsed.values === undefined) return focusOn('salary');
    const written = await submit(JSON.stringify([parsed.values, seen]), send(parsed.values));
    if (written !== null)
      onDone(`${written.employee.name} was ${employee === null ? 'added' : 'changed'}`, written);
  }

  const send =
    (values: { name: string; position: string; salary: number }) =>
    async (idempotencyKey: string, signal: AbortSignal): Promise<Written> => {
      if (seen === null) {
        return (await mutate(AddEmployee, { input: { ...values, idempotencyKey } }, signal)).addEmployee;
      }
      const { id, ...expected } = seen;
      const input = { id, ...values, expected, idempotencyKey };
      return (await mutate(UpdateEmployee, { input }, signal)).updateEmployee;
    };

  async function lookAgain(): Promise<void> {
    if (seen === null) return;
    const now = (await ask(EmployeeNow, { id: seen.id })).employee;
    setTheirs(now);
    if (now !== null) setSeen(now);
  }

  return (
    <Dialog title={employee === null ? 'Add employee' : `Edit employee ${employee.id}`} onClose={close}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) void save();
        }}
      >
        {fields.map(([field, word]) => (
          <Field
            key={field}
            name={field}
            label={word}
            value={text[field]}
            isNumber={field === 'salary'}
            problem={problems[field] ?? null}
            onInput={(value) => setText({ ...text, [field]: value })}
          />
        ))}
        {problems.form !== undefined && (
          <p class="problem" role="alert">
            {problems.form}{' '}
            {hasChanged && theirs === null && (
              <button type="button" class="small" onClick={() => void lookAgain()}>
                See what it is now
              </button>
            )}
          </p>
        )}
        {theirs !== null && (
          <Theirs
            employee={theirs}
            onTake={() => {
              setText(textOf(theirs));
            }}
          />
        )}
        {isPending && <Waiting since={state.since} live={live} what="Your change" />}
        <div class="buttons">
          <button type="button" onClick={close}>
            {isPending ? 'Stop waiting' : 'Cancel'}
          </button>
          <button type="submit" class="primary" aria-disabled={isPending}>
            {state.phase === 'failed' && state.error.retryable ? 'Try again' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Theirs({ employee, onTake }: { employee: EmployeeRow; onTake: () => void }) {
  const { name, position, salary } = employee;
  return (
    <p class="theirs" role="status">
      Now it is <strong>{name}</strong>, {position}, {salary === null ? '–' : formatNumber(salary)}. Saving
      again replaces that.{' '}
      <button type="button" class="small" onClick={onTake}>
        Take what is there
      </button>
    </p>
  );
}

function focusOn(field: EmployeeField): void {
  document.querySelector<HTMLInputElement>(`dialog [name="${field}"]`)?.focus();
}
