import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.js';
import { ask } from '../api/ask.js';
import { type EmployeeRow, Employees } from '../api/operations.js';
import { type ListRequest, variablesOf } from '../state/list-request.js';

export interface Page {
  readonly rows: readonly EmployeeRow[];
  readonly total: number;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  readonly start: string | null;
  readonly end: string | null;
  readonly answeredBy: string | null;
}

/** The page that is shown stays until the next one is there. */
export interface EmployeesState {
  readonly page: Page | null;
  readonly isLoading: boolean;
  readonly error: ApiError | null;
}

export interface ReadPosition {
  readonly request: ListRequest;
  readonly bookmark: string | null;
  /** Another value has the page read anew: a button was pressed, a mutation is done, another node leads. */
  readonly revision: number;
}

/** Reads the page that is asked for, and drops the answer to any earlier request. */
export function useEmployees({ request, bookmark, revision }: ReadPosition): EmployeesState {
  const [state, setState] = useState<EmployeesState>({ page: null, isLoading: true, error: null });
  const latest = useRef<AbortController | null>(null);
  useEffect(() => {
    latest.current?.abort();
    const controller = new AbortController();
    latest.current = controller;
    setState((before) => ({ ...before, isLoading: true }));
    readPage({ request, bookmark }, controller.signal).then(
      (page) => setState({ page, isLoading: false, error: null }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ ...before, isLoading: false, error }));
      },
    );
  }, [request, revision]);
  return state;
}

async function readPage(
  { request, bookmark }: Pick<ReadPosition, 'request' | 'bookmark'>,
  signal: AbortSignal,
): Promise<Page> {
  const { employees } = await ask(Employees, variablesOf(request, bookmark), signal);
  const { nodes, pageInfo, totalCount, answeredBy } = employees;
  return {
    rows: nodes,
    total: totalCount,
    hasNext: pageInfo.hasNextPage,
    hasPrevious: pageInfo.hasPreviousPage,
    start: pageInfo.startCursor,
    end: pageInfo.endCursor,
    answeredBy,
  };
}
