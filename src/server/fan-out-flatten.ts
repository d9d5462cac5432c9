import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';

type Values = Readonly<Record<string, unknown>>;
type Fields = ReadonlyMap<string, readonly FieldNode[]>;

const toSelectionSet = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
});

/**
 * The same operation for these variables as a document in which nothing is left to decide: no fragments but one for each
 * member of a union, no `@include` and `@skip`, each response name once, in the order in which graphql-js fills the
 * result. graphql-jit orders and merges them in its own way otherwise. Null for variables that do not fit.
 */
export const flattenDocument = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
  variables: Values,
): DocumentNode | null => {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (!coerced) return null;
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }

  const inMember = (member: GraphQLObjectType, nodes: readonly FieldNode[]): readonly SelectionNode[] =>
    flatten(member, collectSubfields(schema, fragments, coerced, member, nodes as FieldNode[]));

  const selectionSetOf = (
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
  ): SelectionSetNode | undefined => {
    const named = getNamedType(type);
    if (isObjectType(named)) return toSelectionSet(inMember(named, nodes));
    if (!isAbstractType(named)) return undefined;
    const members = schema.getPossibleTypes(named).map(
      (member): SelectionNode => ({
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: member.name } },
        selectionSet: toSelectionSet(inMember(member, nodes)),
      }),
    );
    return toSelectionSet(members);
  };

  const flatten = (type: GraphQLObjectType, fields: Fields): FieldNode[] =>
    [...fields.values()].flatMap((nodes) => {
      const [first] = nodes;
      if (!first) return [];
      const { directives: _directives, selectionSet: _selectionSet, ...field } = first;
      const definition = type.getFields()[field.name.value];
      const selectionSet = definition && selectionSetOf(definition.type, nodes);
      return [{ ...field, ...(selectionSet && { selectionSet }) }];
    });

  const selections = flatten(root, collectFields(schema, fragments, coerced, root, operation.selectionSet));
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet: toSelectionSet(selections) }],
  };
};
