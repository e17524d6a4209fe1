import { useEffect, useRef, useState } from 'preact/hooks';
import type { EmployeeOrderField, EmployeeRow } from '../api/operations.js';
import { plural } from '../state/format.js';
import { type ListRequest, type Place, firstRequest, isFiltered, noFilter } from '../state/list-request.js';
import type { LiveState } from '../state/live-state.js';
import { describeError } from '../state/words.js';
import { EmployeeDialog } from './employee-dialog.js';
import { EmployeeFilterForm } from './employee-filter.js';
import { EmployeeTable } from './employee-table.js';
import { RemoveDialog } from './remove-dialog.js';
import { SourceChoice } from './source-choice.js';
import { type EmployeesState, type Page, useEmployees } from './use-employees.js';
import { Waiting } from './waiting.js';

interface Props {
  readonly live: LiveState;
  readonly onNews: (news: string) => void;
}

/** Which dialog is open. */
type Task =
  { readonly kind: 'add' } | { readonly kind: 'edit' | 'remove'; readonly employee: EmployeeRow } | null;

/** The employees, read from whom one likes, and all that can be done to them. */
export function EmployeesPanel({ live, onNews }: Props) {
  const [request, setRequest] = useState<ListRequest>(firstRequest);
  const [bookmark, setBookmark] = useState<string | null>(null);
  const [revision, setRevision] = useState(0);
  const [task, setTask] = useState<Task>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  // Whoever leads now is asked again, so that what stands there is theirs; and a lost gateway that is back.
  const leader = live.topology?.leader?.name ?? '';
  const employees = useEmployees({
    request,
    bookmark,
    revision: `${revision} ${leader} ${live.link.phase === 'lost'}`,
  });

  const change = (changes: Partial<ListRequest>) =>
    setRequest((before) => ({ ...before, place: { kind: 'start' }, ...changes }));
  const order = (field: EmployeeOrderField) =>
    change({ field, direction: request.field === field && request.direction === 'ASC' ? 'DESC' : 'ASC' });
  const reload = () => setRevision((before) => before + 1);

  function done(news: string, written: { readonly bookmark: string }): void {
    const wasRemoved = task?.kind === 'remove';
    setTask(null);
    setBookmark(written.bookmark);
    reload();
    onNews(news);
    // The button that opened the dialog is gone with its row.
    if (wasRemoved) heading.current?.focus();
  }

  return (
    <section class="panel employees" id="employees" aria-labelledby="employees-title">
      <div class="title-row">
        <h2 id="employees-title" ref={heading} tabIndex={-1}>
          Employees
        </h2>
        <Count {...employees} />
        <button type="button" class="primary" onClick={() => setTask({ kind: 'add' })}>
          Add employee
        </button>
      </div>
      <SourceChoice
        source={request.source}
        nodes={live.topology?.nodes ?? []}
        answeredBy={employees.page?.answeredBy ?? null}
        onChange={(source) => change({ source })}
      />
      <EmployeeFilterForm
        filter={request.filter}
        onChange={(filter) => change({ filter })}
        onReload={reload}
      />
      <Trouble employees={employees} live={live} onRetry={reload} />
      <EmployeeTable
        employees={employees}
        field={request.field}
        direction={request.direction}
        onOrder={order}
        onEdit={(employee) => setTask({ kind: 'edit', employee })}
        onRemove={(employee) => setTask({ kind: 'remove', employee })}
      />
      <Nobody
        page={employees.page}
        filtered={isFiltered(request.filter)}
        onClear={() => change({ filter: noFilter })}
      />
      <Pager
        page={employees.page}
        isAtStart={request.place.kind === 'start'}
        onGo={(place) => change({ place })}
      />
      {(task?.kind === 'add' || task?.kind === 'edit') && (
        <EmployeeDialog
          employee={task.kind === 'edit' ? task.employee : null}
          live={live}
          onDone={done}
          onClose={() => setTask(null)}
        />
      )}
      {task?.kind === 'remove' && (
        <RemoveDialog employee={task.employee} live={live} onDone={done} onClose={() => setTask(null)} />
      )}
    </section>
  );
}

function Count({ page }: EmployeesState) {
  return (
    <span class="quiet count" data-testid="count">
      {page === null ? '' : plural(page.total, 'employee')}
    </span>
  );
}

/** That a read waits or has failed; nothing while all is well. */
function Trouble(props: { employees: EmployeesState; live: LiveState; onRetry: () => void }) {
  const { isLoading, error } = props.employees;
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => setSince(isLoading ? Date.now() : null), [isLoading]);
  if (isLoading) return since === null ? null : <Waiting since={since} live={props.live} what="The list" />;
  if (error === null) return null;
  return (
    <p class="problem" role="alert">
      {describeError(error)}{' '}
      <button type="button" class="small" onClick={props.onRetry}>
        Try again
      </button>
    </p>
  );
}

function Nobody(props: { page: Page | null; filtered: boolean; onClear: () => void }) {
  if (props.page === null || props.page.rows.length > 0) return null;
  if (!props.filtered) return <p class="empty">Nobody works here yet. Add the first employee.</p>;
  return (
    <p class="empty">
      Nobody fits this filter.{' '}
      <button type="button" class="small" onClick={props.onClear}>
        Clear the filter
      </button>
    </p>
  );
}

function Pager(props: { page: Page | null; isAtStart: boolean; onGo: (place: Place) => void }) {
  const { page, isAtStart, onGo } = props;
  if (page === null || (!page.hasNext && !page.hasPrevious && isAtStart)) return null;
  const { hasPrevious, hasNext, start, end } = page;
  return (
    <nav class="pager" aria-label="Pages of employees">
      <button type="button" disabled={isAtStart} onClick={() => onGo({ kind: 'start' })}>
        First
      </button>
      <button
        type="button"
        disabled={!hasPrevious || start === null}
        onClick={() => start !== null && onGo({ kind: 'before', cursor: start })}
      >
        Previous
      </button>
      <button
        type="button"
        disabled={!hasNext || end === null}
        onClick={() => end !== null && onGo({ kind: 'after', cursor: end })}
      >
        Next
      </button>
    </nav>
  );
}
