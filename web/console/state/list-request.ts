import type { EmployeeFilter, EmployeeOrderField, OrderDirection, ReadOptions } from '../api/operations.js';

/** Who is to answer a read. */
export type Source = 'LEADER' | 'LINEARIZABLE' | 'REPLICA' | { readonly node: string };

/** What a person has typed into the filter. */
export interface FilterText {
  readonly name: string;
  readonly position: string;
  readonly salaryFrom: string;
  readonly salaryTo: string;
}

export const noFilter: FilterText = { name: '', position: '', salaryFrom: '', salaryTo: '' };

/** Where in the list: at its start, or beside a cursor of the page that was shown. */
export type Place =
  { readonly kind: 'start' } | { readonly kind: 'after' | 'before'; readonly cursor: string };

/** All that decides which rows are shown. */
export interface ListRequest {
  readonly source: Source;
  readonly filter: FilterText;
  readonly field: EmployeeOrderField;
  readonly direction: OrderDirection;
  readonly place: Place;
}

export const firstRequest: ListRequest = {
  source: 'LEADER',
  filter: noFilter,
  field: 'ID',
  direction: 'ASC',
  place: { kind: 'start' },
};

const pageSize = 10;

/**
 * The variables of the query. Reads that may be answered by a follower get the bookmark of the last mutation, so that
 * one sees one's own writes whoever answers. Pure.
 */
export function variablesOf(
  { source, filter, field, direction, place }: ListRequest,
  bookmark: string | null,
) {
  return {
    ...pageOf(place),
    filter: filterOf(filter),
    orderBy: { field, direction },
    read: readOf(source, bookmark),
  };
}

function pageOf(place: Place) {
  switch (place.kind) {
    case 'start':
      return { first: pageSize };
    case 'after':
      return { first: pageSize, after: place.cursor };
    case 'before':
      return { last: pageSize, before: place.cursor };
    default:
      return place satisfies never;
  }
}

function readOf(source: Source, bookmark: string | null): ReadOptions {
  if (source === 'LEADER' || source === 'LINEARIZABLE') return { consistency: source };
  return {
    ...(source === 'REPLICA' ? { consistency: source } : source),
    ...(bookmark !== null && { bookmark }),
  };
}

/** A bound that is no number is no bound: the field says so itself. */
function filterOf({ name, position, salaryFrom, salaryTo }: FilterText): EmployeeFilter {
  const [gte, lte] = [parseWhole(salaryFrom), parseWhole(salaryTo)];
  return {
    ...(name !== '' && { name: { contains: name } }),
    ...(position !== '' && { position: { contains: position } }),
    ...((gte !== null || lte !== null) && {
      salary: { ...(gte !== null && { gte }), ...(lte !== null && { lte }) },
    }),
  };
}

/** Null for what is no whole number that JSON can carry; thousands may be grouped. Pure. */
export function parseWhole(text: string): number | null {
  const digits = text.replaceAll(/[\s,_]/g, '');
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : null;
}

export const isFiltered = (filter: FilterText): boolean => Object.values(filter).some((text) => text !== '');
