import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { CohortDocument, Variables } from './fan-out-cohort.ts';

/**
 * Compiles a document into a function that writes its result for an event as JSON, without the result as objects in
 * between. Which fields there are, and in which order, graphql-js' own `collectFields` says, once for each type. What is not
 * as it should be, from a missing value to a resolver that fails, throws: then graphql-js executes, and says what is wrong.
 */
export type WriteEvent = (event: unknown) => string;

type Write = (value: unknown) => string;
type Fields = ReadonlyMap<string, readonly FieldNode[]>;

/** Longer ones are looked through by JSON.stringify at once. */
const maxPlainLength = 100;
/** Nothing in it is escaped. */
const plain = /^[ !#-[\]-~]*$/;

const quote = (text: string): string =>
  text.length <= maxPlainLength && plain.test(text) ? `"${text}"` : JSON.stringify(text);

const unusual = (what: string): Error => new Error(`not as usual: ${what}`);

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

const isFailedOrLate = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value instanceof Error || 'then' in value);

const leafWriter =
  (type: GraphQLLeafType): Write =>
  (value) => {
    const serialized: unknown = type.serialize(value);
    if (typeof serialized === 'string') return quote(serialized);
    const text = isNothing(serialized) ? undefined : JSON.stringify(serialized);
    if (text === undefined) throw unusual('a value that is no leaf');
    return text;
  };

const listWriter =
  (writeItem: Write): Write =>
  (value) => {
    // graphql-js takes other iterables too.
    if (!Array.isArray(value)) throw unusual('a list that is no array');
    return `[${Array.from(value, writeItem).join(',')}]`;
  };

const nullableWriter =
  (write: Write): Write =>
  (value) => {
    if (isFailedOrLate(value)) throw unusual('an error or a promise as a value');
    return isNothing(value) ? 'null' : write(value);
  };

const nonNullWriter =
  (write: Write): Write =>
  (value) => {
    if (isNothing(value) || isFailedOrLate(value)) throw unusual('nothing where something must be');
    return write(value);
  };

const fragmentsOf = ({ document }: CohortDocument): Record<string, FragmentDefinitionNode> => {
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
};

interface Compiling {
  readonly schema: GraphQLSchema;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly variables: Record<string, unknown>;
  readonly context: object;
}

/** A resolver that asks for more than its arguments finds nothing there, and fails. */
const noInfo = undefined as unknown as GraphQLResolveInfo;

const propertyOf =
  (name: string) =>
  (source: unknown): unknown => {
    const value: unknown =
      typeof source === 'object' && source !== null ? Reflect.get(source, name) : undefined;
    // graphql-js would call it.
    if (typeof value === 'function') throw unusual('a method');
    return value;
  };

const fieldWriter = (
  compiling: Compiling,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): Write | null => {
  const [node] = nodes;
  if (!node) return null;
  if (node.name.value === '__typename') return () => quote(type.name);
  const field = type.getFields()[node.name.value];
  // As graphql-js: what is not there is left out.
  if (!field) return null;
  const resolve = field.resolve ?? propertyOf(node.name.value);
  const args = getArgumentValues(field, node, compiling.variables);
  const write = writerOf(compiling, field.type, nodes);
  const { context } = compiling;
  return (source) => write(resolve(source, args, context, noInfo));
};

const objectWriter = (compiling: Compiling, type: GraphQLObjectType, fields: Fields): Write => {
  const parts: { readonly before: string; readonly write: Write }[] = [];
  for (const [name, nodes] of fields) {
    const write = fieldWriter(compiling, type, nodes);
    if (write) parts.push({ before: `${parts.length === 0 ? '{' : ','}"${name}":`, write });
  }
  if (parts.length === 0) return () => '{}';
  return (source) => {
    let text = '';
    for (const { before, write } of parts) text += before + write(source);
    return `${text}}`;
  };
};

const objectWriterOf = (
  compiling: Compiling,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): Write => {
  const { schema, fragments, variables, context } = compiling;
  const fields = collectSubfields(schema, fragments, variables, type, nodes as FieldNode[]);
  const write = objectWriter(compiling, type, fields);
  const { isTypeOf } = type;
  if (!isTypeOf) return write;
  return (value) => {
    if (isTypeOf(value, context, noInfo) !== true) throw unusual(`a value that is no ${type.name}`);
    return write(value);
  };
};

const abstractWriter = (
  compiling: Compiling,
  type: GraphQLAbstractType,
  nodes: readonly FieldNode[],
): Write => {
  const { schema, context } = compiling;
  const writers = new Map(
    schema.getPossibleTypes(type).map((member) => [member.name, objectWriterOf(compiling, member, nodes)]),
  );
  return (value) => {
    const name = type.resolveType?.(value, context, noInfo, type);
    const write = typeof name === 'string' ? writers.get(name) : undefined;
    if (!write) throw unusual(`a value that is no ${type.name}`);
    return write(value);
  };
};

const presentWriterOf = (
  compiling: Compiling,
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
): Write => {
  if (isListType(type)) return listWriter(writerOf(compiling, type.ofType, nodes));
  if (isLeafType(type)) return leafWriter(type);
  if (isAbstractType(type)) return abstractWriter(compiling, type, nodes);
  return objectWriterOf(compiling, type as GraphQLObjectType, nodes);
};

const writerOf = (compiling: Compiling, type: GraphQLOutputType, nodes: readonly FieldNode[]): Write =>
  isNonNullType(type)
    ? nonNullWriter(presentWriterOf(compiling, type.ofType, nodes))
    : nullableWriter(presentWriterOf(compiling, type, nodes));

/** Null for what cannot be compiled: an operation that is not there, variables that do not fit. */
export const compileEventText = (
  source: CohortDocument,
  variables: Variables,
  context: object,
): WriteEvent | null => {
  const { schema, document, operationName } = source;
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (!coerced) return null;
  const compiling: Compiling = { schema, fragments: fragmentsOf(source), variables: coerced, context };
  const fields = collectFields(schema, compiling.fragments, coerced, root, operation.selectionSet);
  return objectWriter(compiling, root, fields);
};
