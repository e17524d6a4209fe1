import { useEffect, useRef, useState } from 'preact/hooks';
import type { EmployeeOrderField, EmployeeRow } from '../api/operations.js';
import { plural } from '../state/format.js';
import { type ListRequest, type Place, firstRequest, isFiltered, noFilter } from '../state/list-request.js';
import type { LiveState } from '../state/live-state.js';
import { describeError } from '../state/words.js';
import { Button } from './button.js';
import { EmployeeDialog } from './employee-dialog.js';
import { EmployeeFilterForm } from './employee-filter.js';
import { EmployeeTable } from './employee-table.js';
import { RemoveDialog } from './remove-dialog.js';
import { SourceChoice } from './source-choice.js';
import { type EmployeesState, type Page, useEmployees } from './use-employees.js';
import { Waiting } from './waiting.js';

/** Reads again when another node leads, and when a lost gateway is back: what is shown should be theirs. */
function useReloadOnNews({ topology, link }: LiveState, reload: () => void): void {
  const leader = topology?.leader?.name ?? null;
  const isLost = link.phase === 'lost';
  const before = useRef({ leader: null as string | null, wasLed: false, isLost });
  useEffect(() => {
    const { wasLed, leader: last } = before.current;
    const isAnother = wasLed && leader !== null && leader !== last;
    const isBack = before.current.isLost && !isLost;
    before.current = { leader, wasLed: wasLed || leader !== null, isLost };
    if (isAnother || isBack) reload();
  }, [leader, isLost]);
}

/** Which dialog is open. */
type Task =
  { readonly kind: 'add' } | { readonly kind: 'edit' | 'remove'; readonly employee: EmployeeRow } | null;

/** The employees, read from whom one likes, and all that can be done to them. */
export function EmployeesPanel({ live }: { readonly live: LiveState }) {
  const [request, setRequest] = useState<ListRequest>(firstRequest);
  const [bookmark, setBookmark] = useState<string | null>(null);
  const [revision, setRevision] = useState(0);
  const [task, setTask] = useState<Task>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [success, setSuccess] = useState('');

  const reload = () => setRevision((before) => before + 1);
  useReloadOnNews(live, reload);
  const employees = useEmployees({ request, bookmark, revision });
  // An empty page does not tell: then it is as on the page before.
  const isSalaryHidden = useRef(false);
  const [first] = employees.page?.rows ?? [];
  if (first !== undefined) isSalaryHidden.current = first.salary === null;

  const change = (changes: Partial<ListRequest>) =>
    setRequest((before) => ({ ...before, place: { kind: 'start' }, ...changes }));
  const order = (field: EmployeeOrderField) =>
    change({ field, direction: request.field === field && request.direction === 'ASC' ? 'DESC' : 'ASC' });

  function done(news: string, written: { readonly bookmark: string }): void {
    setTask(null);
    setNotice(null);
    setBookmark(written.bookmark);
    reload();
    setSuccess(news);
  }

  function begin(next: Task): void {
    setTask(next);
    setSuccess('');
  }

  /** Nobody can take back what was sent. */
  function close(sent: 'nothing-sent' | 'still-pending'): void {
    setTask(null);
    setNotice(sent === 'still-pending' ? 'You stopped waiting. The change may still be made.' : null);
    if (sent === 'still-pending') reload();
  }

  return (
    <section class="panel employees" id="employees" aria-labelledby="employees-title">
      <div class="title-row">
        <h2 id="employees-title" tabIndex={-1}>
          Employees
        </h2>
        <Count {...employees} />
        <p class="quiet success" role="status">
          {success}
        </p>
        <Button kind="primary" onPress={() => begin({ kind: 'add' })}>
          Add employee
        </Button>
      </div>
      <SourceChoice
        source={request.source}
        nodes={live.topology?.nodes ?? []}
        answeredBy={employees.page?.answeredBy ?? null}
        onChange={(source) => change({ source })}
      />
      <EmployeeFilterForm
        filter={request.filter}
        withSalary={!isSalaryHidden.current}
        onChange={(filter) => change({ filter })}
        onReload={reload}
      />
      {notice !== null && (
        <p class="notice" role="status">
          {notice}{' '}
          <Button kind="small" onPress={reload}>
            Read again
          </Button>
        </p>
      )}
      <Trouble employees={employees} live={live} onRetry={reload} />
      <EmployeeTable
        employees={employees}
        field={request.field}
        direction={request.direction}
        withSalaryOrder={!isSalaryHidden.current}
        onOrder={order}
        onEdit={(employee) => begin({ kind: 'edit', employee })}
        onRemove={(employee) => begin({ kind: 'remove', employee })}
      />
      <Nobody
        employees={employees}
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
          onClose={close}
        />
      )}
      {task?.kind === 'remove' && (
        <RemoveDialog employee={task.employee} live={live} onDone={done} onClose={close} />
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
      <Button kind="small" onPress={props.onRetry}>
        Try again
      </Button>
    </p>
  );
}

/** Said only when it is known: neither while another page is read nor when that has failed. */
function Nobody(props: { employees: EmployeesState; filtered: boolean; onClear: () => void }) {
  const { page, isLoading, error } = props.employees;
  if (page === null || page.rows.length > 0 || isLoading || error !== null) return null;
  if (!props.filtered) return <p class="empty">Nobody works here yet. Add the first employee.</p>;
  return (
    <p class="empty">
      Nobody fits this filter.{' '}
      <Button kind="small" onPress={props.onClear}>
        Clear the filter
      </Button>
    </p>
  );
}

function Pager(props: { page: Page | null; isAtStart: boolean; onGo: (place: Place) => void }) {
  const { page, isAtStart, onGo } = props;
  if (page === null || (!page.hasNext && !page.hasPrevious && isAtStart)) return null;
  const { hasPrevious, hasNext, start, end } = page;
  return (
    <nav class="pager" aria-label="Pages of employees">
      <Button isOff={isAtStart} onPress={() => onGo({ kind: 'start' })}>
        First
      </Button>
      <Button
        isOff={!hasPrevious || start === null}
        onPress={() => start !== null && onGo({ kind: 'before', cursor: start })}
      >
        Previous
      </Button>
      <Button
        isOff={!hasNext || end === null}
        onPress={() => end !== null && onGo({ kind: 'after', cursor: end })}
      >
        Next
      </Button>
    </nav>
  );
}
