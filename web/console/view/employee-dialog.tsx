import { useLayoutEffect, useState } from 'preact/hooks';
import { ask } from '../api/ask.js';
import { mutate } from '../api/mutate.js';
import { AddEmployee, EmployeeNow, type EmployeeRow, UpdateEmployee } from '../api/operations.js';
import {
  type EmployeeField,
  type EmployeeText,
  type FormProblems,
  parseChange,
  parseText,
  problemsOf,
  textOf,
} from '../state/employee-form.js';
import { formatSalary } from '../state/format.js';
import type { LiveState } from '../state/live-state.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { type Send, useMutation } from './use-mutation.js';
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
    const work = seen === null ? addition(text) : change(text, seen);
    setLocal(work.problems ?? {});
    if (work.send === undefined) return focusOn('salary');
    const written = await submit(work.words, work.send);
    if (written !== null)
      onDone(`${written.employee.name} was ${employee === null ? 'added' : 'changed'}`, written);
  }

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
            placeholder={field === 'salary' && seen?.salary === null ? 'hidden; empty keeps it' : null}
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

/** What is to be sent for what was typed, with the words that it has its key by; or why nothing can be. */
type Work =
  | { readonly words: string; readonly send: Send<Written>; readonly problems?: undefined }
  | { readonly problems: FormProblems; readonly send?: undefined };

function addition(text: EmployeeText): Work {
  const { values, problems } = parseText(text);
  if (values === undefined) return { problems };
  return {
    words: JSON.stringify(values),
    send: async (idempotencyKey, signal) =>
      (await mutate(AddEmployee, { input: { ...values, idempotencyKey } }, signal)).addEmployee,
  };
}

function change(text: EmployeeText, seen: EmployeeRow): Work {
  const { values, problems } = parseChange(text, seen);
  if (values === undefined) return { problems };
  const { id, ...expected } = seen;
  return {
    words: JSON.stringify([values, seen]),
    send: async (idempotencyKey, signal) => {
      const input = { id, ...values, expected, idempotencyKey };
      return (await mutate(UpdateEmployee, { input }, signal)).updateEmployee;
    },
  };
}

function Theirs({ employee, onTake }: { employee: EmployeeRow; onTake: () => void }) {
  const { name, position, salary } = employee;
  return (
    <p class="theirs" role="status">
      Now it is <strong>{name}</strong>, {position}, {formatSalary(salary)}. Saving again replaces that.{' '}
      <button type="button" class="small" onClick={onTake}>
        Take what is there
      </button>
    </p>
  );
}

function focusOn(field: EmployeeField): void {
  document.querySelector<HTMLInputElement>(`dialog [name="${field}"]`)?.focus();
}
