import {
  BREAK,
  coerceInputValue,
  isInputType,
  Kind,
  typeFromAST,
  visit,
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';

/*
 * A value that GraphQL itself refuses (a salary of 1.5, an unknown enum value) is bad input like any other, but the
 * library says so in a text: neither its field nor a reason apart. They are found here, after the fact, so that only
 * requests which fail pay for it.
 */

/** What an error came from. */
export interface RefusedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether a reason may name what else the schema has. */
  readonly hideSuggestions: boolean;
}

interface BadValue {
  readonly field: string;
  readonly reason: string;
}

const literals: ReadonlySet<Kind> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
]);

/** Gives the errors that refuse a value the code BAD_USER_INPUT, with field and reason; leaves all others alone. */
export function explainBadValues(errors: readonly GraphQLError[], operation: RefusedOperation): void {
  const refusals = new Map<VariableDefinitionNode, BadValue[]>();
  for (const error of errors) {
    const found = badValueOf(error, operation, refusals);
    if (found !== null) Object.assign(error.extensions, { code: 'BAD_USER_INPUT', ...found });
  }
}

function badValueOf(
  error: GraphQLError,
  operation: RefusedOperation,
  refusals: Map<VariableDefinitionNode, BadValue[]>,
): BadValue | null {
  const node = error.nodes?.[0];
  if (node === undefined) return null;
  // Validation has coded its errors by now. Of those, only the rule about the values of literals points at a literal.
  if (literals.has(node.kind)) return { field: pathOf(operation.document, node), reason: error.message };
  const isFromExecution =
    error.extensions['code'] === undefined || error.extensions['code'] === 'BAD_USER_INPUT';
  if (!isFromExecution) return null;
  if (node.kind === Kind.VARIABLE) return { field: pathOf(operation.document, node), reason: error.message };
  if (node.kind !== Kind.VARIABLE_DEFINITION) return null;
  // One error per bad value, in the order in which coercion meets them: so the next one is this one.
  const rest = refusals.get(node) ?? refusalsOf(node, operation);
  refusals.set(node, rest.slice(1));
  return rest[0] ?? { field: pathOfVariable(node, operation.document), reason: error.message };
}

/** The bad values in a variable. None when it is missing altogether. */
function refusalsOf(
  definition: VariableDefinitionNode,
  { schema, document, variables, hideSuggestions }: RefusedOperation,
): BadValue[] {
  const value = variables[definition.variable.name.value];
  const type = typeFromAST(schema, definition.type);
  if (value == null || !isInputType(type)) return [];
  const root = pathOfVariable(definition, document);
  const found: BadValue[] = [];
  const onError: Parameters<typeof coerceInputValue>[2] = (path, _value, { message: reason }) => {
    const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    found.push({ field: root + steps.join(''), reason });
  };
  coerceInputValue(value, type, onError, hideSuggestions);
  return found;
}

/** Clients think of the argument that a variable is for; its own name only matters when it is used nowhere. */
function pathOfVariable({ variable }: VariableDefinitionNode, document: DocumentNode): string {
  const { value: name } = variable.name;
  const path = findPath(
    document,
    (node) => node.kind === Kind.VARIABLE && node.name.value === name && node !== variable,
  );
  return path ?? name;
}

function pathOf(document: DocumentNode, wanted: ASTNode): string {
  return findPath(document, (node) => node === wanted) ?? 'unknown';
}

/** Where the first such node stands: the argument, then the fields and list indexes inside it. */
function findPath(document: DocumentNode, isWanted: (node: ASTNode) => boolean): string | null {
  let found: string | null = null;
  visit(document, {
    enter(node, _key, parent, keys, ancestors) {
      if (parent === undefined || !isWanted(node)) return undefined;
      found = [...ancestors, parent].reduce<string>((path, step, depth) => {
        if ('kind' in step) return path + nameOf(step);
        const owner = ancestors[depth - 1];
        const isList = owner !== undefined && 'kind' in owner && owner.kind === Kind.LIST;
        return isList ? `${path}[${keys[depth]}]` : path;
      }, '');
      return BREAK;
    },
  });
  return found;
}

function nameOf(node: ASTNode): string {
  if (node.kind === Kind.ARGUMENT) return node.name.value;
  if (node.kind === Kind.OBJECT_FIELD) return `.${node.name.value}`;
  return node.kind === Kind.VARIABLE_DEFINITION ? node.variable.name.value : '';
}
