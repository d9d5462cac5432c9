import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { needsContext, sharesEvents } from '../schema/builder.ts';

/** What decides the payload of a subscription beside its document. */
export interface PayloadShape {
  /** Names of the variables used inside the payload; those of the root field's arguments only choose the source. */
  readonly variables: readonly string[];
}

const hasMark = (field: GraphQLField<unknown, unknown> | undefined, mark: object): boolean =>
  Object.keys(mark).every((name) => field?.extensions[name] === true);

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );

/** The nodes of the root field; null when a directive may leave it out. */
const rootFieldsOf = (operation: OperationDefinitionNode, fragments: Fragments): FieldNode[] | null => {
  const fields: FieldNode[] = [];
  const collect = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if ((selection.directives ?? []).length > 0) return false;
      if (selection.kind === Kind.FIELD) return fields.push(selection) > 0;
      if (selection.kind === Kind.INLINE_FRAGMENT) return collect(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      return fragment !== undefined && collect(fragment.selectionSet);
    });
  return collect(operation.selectionSet) ? fields : null;
};

/** The operation and the fragments that it reaches. */
const reach = (operation: OperationDefinitionNode, fragments: Fragments) => {
  const reached = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
  for (const node of reached) {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment) reached.add(fragment);
      },
    });
  }
  return reached;
};

/** Null when the payload depends on more than event, document and variables: a marked field, another kind of source. */
export const toPayloadShape = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): PayloadShape | null => {
  const operation = getOperationAST(document, operationName);
  const subscription = schema.getSubscriptionType();
  if (operation?.operation !== 'subscription' || !subscription) return null;
  const fragments = fragmentsOf(document);
  const roots = rootFieldsOf(operation, fragments);
  const isShared = roots?.every(({ name }) => hasMark(subscription.getFields()[name.value], sharesEvents));
  if (!roots || roots.length === 0 || !isShared) return null;

  const variables = new Set<string>();
  let isOfViewer = false;
  const typeInfo = new TypeInfo(schema);
  const rootArguments = new Set(roots.flatMap((root) => root.arguments ?? []));
  const visitor = visitWithTypeInfo(typeInfo, {
    VariableDefinition: () => false,
    Argument: (node) => (rootArguments.has(node) ? false : undefined),
    Variable: ({ name }) => void variables.add(name.value),
    Field: ({ name }) => {
      const parent = typeInfo.getParentType();
      const types = isAbstractType(parent) ? [parent, ...schema.getPossibleTypes(parent)] : [parent];
      for (const type of types) {
        if (!isCompositeType(type) || !('getFields' in type)) continue;
        if (hasMark(type.getFields()[name.value], needsContext)) isOfViewer = true;
      }
    },
  });
  for (const node of reach(operation, fragments)) visit(node, visitor);
  return isOfViewer ? null : { variables: [...variables] };
};
