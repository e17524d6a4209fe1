import {
  defaultFieldResolver,
  getLocation,
  GraphQLError,
  isObjectType,
  responsePathAsArray,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SourceLocation,
} from 'graphql';
import type { Identity, Permission } from '../access/identity.js';
import type { Rights } from './check-rights.js';

/*
 * A field that is more private than what it stands in, such as a salary in an employee, is null for who may not read it,
 * with an error at its path. A list has many of these: they are made without a stack and without a search for their place
 * in the document, and from some number on they are counted instead of told.
 */

/** What the guard of a field needs of an operation. */
export interface WithholdingContext {
  readonly identity: Identity;
  readonly withheld: WithheldFields;
}

// Five pages of the largest size. A thousand errors are some 240 kB of JSON.
const maxErrors = 1000;

/** Guards all fields with a row in the table, but those of the root types, which are refused before. */
export function withholdFields(schema: GraphQLSchema, rights: Rights): void {
  const roots: ReadonlySet<unknown> = new Set([
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ]);
  for (const [coordinate, permission] of rights) {
    const [typeName = '', fieldName = ''] = coordinate.split('.');
    const type = schema.getType(typeName);
    if (!isObjectType(type) || roots.has(type)) continue;
    const field = type.getFields()[fieldName];
    if (field === undefined) continue;
    const { resolve = defaultFieldResolver } = field;
    const letsPass = ({ identity }: WithholdingContext): boolean => identity.permissions.has(permission);
    const guard: GraphQLFieldResolver<unknown, WithholdingContext> = (source, args, context, info) =>
      letsPass(context)
        ? resolve(source, args, context, info)
        : context.withheld.refuse({ coordinate, permission, info });
    // What guards a mere property is not called for each row of a list where it lets pass.
    field.resolve = resolve === defaultFieldResolver ? Object.assign(guard, { letsPass }) : guard;
  }
}

interface Refused {
  readonly coordinate: string;
  readonly permission: Permission;
  readonly info: GraphQLResolveInfo;
}

/** The fields that were withheld in one operation. */
export class WithheldFields {
  #count = 0;
  readonly #rest = { code: 'FORBIDDEN', withheld: 0 };

  /** @throws WithheldError, as often as an answer can bear. The last one counts those for which nothing is thrown any more. */
  refuse({ coordinate, permission, info }: Refused): null {
    this.#count += 1;
    if (this.#count <= maxErrors) {
      const message = `${coordinate} needs the permission ${permission}`;
      throw withoutStack(
        () => new WithheldError(message, info, { code: 'FORBIDDEN', coordinate, permission }),
      );
    }
    this.#rest.withheld += 1;
    if (this.#rest.withheld > 1) return null;
    // Read when the answer is written: by then all are counted.
    const message =
      'More fields than are told one by one are withheld: this one, and those that are null without an error';
    throw withoutStack(() => new WithheldError(message, info, this.#rest));
  }
}

/** GraphQL takes an error that has a path as it is. */
class WithheldError extends GraphQLError {
  override readonly locations: readonly SourceLocation[] | undefined;

  constructor(
    message: string,
    { path, fieldNodes }: GraphQLResolveInfo,
    extensions: Record<string, unknown>,
  ) {
    super(message, { path: responsePathAsArray(path), extensions });
    this.locations = locationsOf(fieldNodes);
  }
}

/** A stack takes longer than all the rest of an error, and of these nobody needs it. */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

// By the list of nodes, which GraphQL keeps for all rows. Found by reading the document from its beginning.
const known = new WeakMap<readonly FieldNode[], readonly SourceLocation[]>();

function locationsOf(nodes: readonly FieldNode[]): readonly SourceLocation[] {
  const locations =
    known.get(nodes) ??
    nodes.flatMap(({ loc }) => (loc === undefined ? [] : [getLocation(loc.source, loc.start)]));
  known.set(nodes, locations);
  return locations;
}
