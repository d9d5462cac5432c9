import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/**
 * Whether a selection of this field asks for `fieldName` of its type: under an alias, in a fragment, or behind a
 * directive that may leave it out too.
 */
export const selectsField = (
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  fieldName: string,
): boolean => {
  const visited = new Set<string>();
  const inSet = (selectionSet: SelectionSetNode | undefined): boolean =>
    (selectionSet?.selections ?? []).some((selection) => {
      if (selection.kind === 'Field') return selection.name.value === fieldName;
      if (selection.kind === 'InlineFragment') return inSet(selection.selectionSet);
      const name = selection.name.value;
      if (visited.has(name)) return false;
      visited.add(name);
      return inSet(fragments[name]?.selectionSet);
    });
  return fieldNodes.some(({ selectionSet }) => inSet(selectionSet));
};
