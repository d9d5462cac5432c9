import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

/** Every field that needs no argument, down to `depth` levels of objects, without aliases. */
export const selectAll = (
  schema: GraphQLSchema,
  type: GraphQLOutputType | GraphQLNamedType,
  depth = 4,
): string => {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (isUnionType(named)) {
    const members = schema.getPossibleTypes(named);
    return `{ __typename ${members.map((member) => `... on ${member.name} ${selectAll(schema, member, depth)}`).join(' ')} }`;
  }
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (!isCompositeType(inner)) return [field.name];
    if (depth <= 1 || isAbstractType(inner)) return [];
    return [`${field.name} ${selectAll(schema, inner, depth - 1)}`];
  });
  return `{ __typename ${fields.join(' ')} }`;
};
