import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  Kind,
  type SelectionSetNode,
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isInputType,
  isObjectType,
  parse,
  print,
  typeFromAST,
  validate,
} from 'graphql';

/**
 * Typed operations for a page: a TypeScript module out of a schema and a document of named operations and fragments.
 *
 * A generator of our own, because the known ones bring 50 packages at least, one of them not for Node 20, and need the
 * programming interface that the compiler no longer has. Interfaces and unions are refused: the schema has none.
 */
export class OperationsError extends Error {
  override readonly name = 'OperationsError';
}

const scalars: Readonly<Record<string, string>> = {
  ID: 'string',
  String: 'string',
  DateTime: 'string',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
};

/**
 * The module as text. Pure.
 * @throws OperationsError when the document does not fit the schema
 */
export function typedOperations(schemaText: string, operationsText: string): string {
  const schema = buildSchema(schemaText);
  const document = parse(operationsText);
  const problems = validate(schema, document);
  if (problems.length > 0) throw new OperationsError(problems.map(String).join('\n\n'));
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const writer = new Writer(schema, fragments);
  const shapes = [...fragments.values()].map((fragment) => writer.fragment(fragment));
  const constants = operations.map((operation) => writer.operation(operation));
  return [
    '// Written by `npm run pages`, out of schema.graphql and operations.graphql.',
    "import type { Operation } from './operation.js';",
    ...writer.inputTypes(),
    ...shapes,
    ...constants,
    '',
  ].join('\n\n');
}

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Enums and input objects that were mentioned, by name. */
  readonly #mentioned = new Map<string, string>();

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  fragment({ name, typeCondition, selectionSet }: FragmentDefinitionNode): string {
    return `export interface ${name.value} ${this.#shape(selectionSet, typeCondition.name.value)}`;
  }

  operation(operation: OperationDefinitionNode): string {
    const name = operation.name?.value;
    if (name === undefined) throw new OperationsError('Every operation needs a name');
    const root = this.#schema.getRootType(operation.operation);
    const variables = (operation.variableDefinitions ?? []).map(({ variable, type, defaultValue }) => {
      const inputType = typeFromAST(this.#schema, type);
      if (!isInputType(inputType)) throw new OperationsError(`$${variable.name.value} has no input type`);
      const word = this.#input(inputType);
      const optional = defaultValue !== undefined || !isNonNullType(inputType);
      return `readonly ${variable.name.value}${optional ? '?' : ''}: ${word};`;
    });
    const used = this.#reachableFragments(operation.selectionSet);
    const text = [operation, ...used].map(print).join('\n').replaceAll(/\s+/g, ' ');
    const shape = this.#shape(operation.selectionSet, root?.name ?? '');
    const types = `${shape}, { ${variables.join(' ')} }`.replace('{  }', 'Record<string, never>');
    return `export const ${name}: Operation<${types}> = {\n  name: '${name}',\n  text: ${quoted(text)},\n};`;
  }

  inputTypes(): string[] {
    return [...this.#mentioned.values()];
  }

  #shape(selectionSet: SelectionSetNode, typeName: string): string {
    const type = this.#schema.getType(typeName);
    if (!isObjectType(type)) throw new OperationsError(`${typeName} is no object type`);
    const spreads: string[] = [];
    const members: string[] = [];
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) spreads.push(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        throw new OperationsError('Inline fragments are not known');
      else {
        const field = type.getFields()[selection.name.value];
        if (field === undefined) throw new OperationsError(`${typeName} has no ${selection.name.value}`);
        const key = (selection.alias ?? selection.name).value;
        members.push(`readonly ${key}: ${this.#output(field.type, selection)};`);
      }
    }
    const own = members.length === 0 ? [] : [`{ ${members.join(' ')} }`];
    return [...spreads, ...own].join(' & ');
  }

  #output(type: GraphQLOutputType, field: FieldNode, isNullable = true): string {
    if (isNonNullType(type)) return this.#output(type.ofType, field, false);
    const word = isListType(type)
      ? `readonly (${this.#output(type.ofType, field)})[]`
      : field.selectionSet === undefined
        ? this.#leaf(type)
        : this.#shape(field.selectionSet, getNamedType(type).name);
    return isNullable ? `${word.includes(' & ') ? `(${word})` : word} | null` : word;
  }

  #input(type: GraphQLInputType, isNullable = true): string {
    if (isNonNullType(type)) return this.#input(type.ofType, false);
    const word = isListType(type) ? `readonly (${this.#input(type.ofType)})[]` : this.#leaf(type);
    return isNullable ? `${word} | null` : word;
  }

  /** A scalar's word, or the name of an enum or input object, which is then written, too. */
  #leaf(type: GraphQLInputType | GraphQLOutputType): string {
    const { name } = getNamedType(type);
    const scalar = scalars[name];
    if (scalar !== undefined) return scalar;
    if (this.#mentioned.has(name)) return name;
    if (isEnumType(type)) {
      const values = type.getValues().map((value) => `'${value.name}'`);
      this.#mentioned.set(name, `export type ${name} = ${values.join(' | ')};`);
    } else if (isInputObjectType(type)) {
      // Before its fields, which may mention it again.
      this.#mentioned.set(name, '');
      const members = Object.values(type.getFields()).map((field) => {
        const optional = field.defaultValue !== undefined || !isNonNullType(field.type);
        return `readonly ${field.name}${optional ? '?' : ''}: ${this.#input(field.type)};`;
      });
      this.#mentioned.set(name, `export interface ${name} { ${members.join(' ')} }`);
    } else {
      throw new OperationsError(`What ${name} is in TypeScript is not known`);
    }
    return name;
  }

  #reachableFragments(selectionSet: SelectionSetNode, seen = new Set<FragmentDefinitionNode>()) {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment === undefined || seen.has(fragment)) continue;
        seen.add(fragment);
        this.#reachableFragments(fragment.selectionSet, seen);
      } else if (selection.selectionSet !== undefined) {
        this.#reachableFragments(selection.selectionSet, seen);
      }
    }
    return seen;
  }
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
