import fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql';

/** A subscription with variables in its payload. `after` is a variable of the root field alone. */
export interface RandomDocument {
  readonly source: string;
  readonly variables: Readonly<Record<string, boolean>>;
}

const variableNames = ['a', 'b', 'c'];

/** One draw after the other from a list of numbers, so that a counterexample shrinks. */
const createDraw = (numbers: readonly number[]) => {
  let at = 0;
  return <T>(choices: readonly T[]): T => {
    // The first choices, where nothing is left: they end soon.
    const number = numbers[at] ?? 0;
    at += 1;
    return choices[number % choices.length] as T;
  };
};

type Draw = ReturnType<typeof createDraw>;

const directive = (draw: Draw): string => {
  if (draw([0, 0, 0, 1]) === 0) return '';
  const condition = draw([...variableNames.map((name) => `$${name}`), 'true', 'false']);
  return draw([
    `@include(if: ${condition})`,
    `@skip(if: ${condition})`,
    `@include(if: ${condition}) @skip(if: $a)`,
  ]);
};

/** The types that an inline fragment inside this one may name. */
const overlapping = (schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLCompositeType[] => {
  if (!isAbstractType(type)) return [type, ...type.getInterfaces()];
  const members = schema.getPossibleTypes(type);
  return [type, ...members, ...new Set(members.flatMap((member) => member.getInterfaces()))];
};

const isShareable = ({ extensions }: GraphQLField<unknown, unknown>): boolean => !extensions.needsContext;

interface Writer {
  readonly schema: GraphQLSchema;
  readonly draw: Draw;
  /** By name: of which type, and its text. */
  readonly fragments: Map<string, { readonly type: GraphQLCompositeType; readonly text: string }>;
}

const writeSelections = (writer: Writer, type: GraphQLCompositeType, depth: number): string => {
  const { schema, draw, fragments } = writer;
  const one = (): string => {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter(isShareable);
    const kind = draw(
      depth > 0
        ? (['field', 'field', 'field', 'inline', 'spread', 'typename'] as const)
        : (['typename'] as const),
    );
    if (kind === 'inline') {
      const inner = draw(overlapping(schema, type));
      const condition = draw([`on ${inner.name}`, `on ${inner.name}`, '']);
      const on = condition === '' ? type : inner;
      return `... ${condition} ${directive(draw)} { ${writeSelections(writer, on, depth - 1)} }`;
    }
    if (kind === 'spread') {
      const name = `F${fragments.size}`;
      const inner = draw(overlapping(schema, type));
      fragments.set(name, { type: inner, text: '' });
      fragments.set(name, { type: inner, text: writeSelections(writer, inner, depth - 1) });
      const again = draw(['', `...${name} ${directive(draw)}`]);
      return `...${name} ${directive(draw)} ${again}`;
    }
    if (kind === 'typename' || fields.length === 0)
      return `${draw(['', 't:'])} __typename ${directive(draw)}`;
    const field = draw(fields);
    const named = getNamedType(field.type);
    const alias = draw(['', '', `other_${field.name}:`]);
    const inner = isCompositeType(named) ? `{ ${writeSelections(writer, named, depth - 1)} }` : '';
    return `${alias} ${field.name} ${directive(draw)} ${inner}`;
  };
  return Array.from({ length: 1 + draw([0, 1, 2, 3, 4]) }, one).join(' ');
};

/** Random subscriptions of a field: aliases, merged fields, fragments of both kinds, directives with variables. */
export const randomDocuments = (schema: GraphQLSchema, fieldName: string, args: string) => {
  const type = getNamedType(schema.getSubscriptionType()?.getFields()[fieldName]?.type);
  if (!isCompositeType(type)) throw new Error(`no subscription ${fieldName}`);
  const numbers = fc.array(fc.nat(1_000), { minLength: 5, maxLength: 120 });
  const variables = fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() });
  return fc.tuple(numbers, variables).map(([drawn, values]): RandomDocument => {
    const writer: Writer = { schema, draw: createDraw(drawn), fragments: new Map() };
    const alias = writer.draw(['', 'mine:']);
    const payload = writeSelections(writer, type, 5);
    const fragments = [...writer.fragments].map(
      ([name, { type: on, text }]) => `fragment ${name} on ${on.name} { ${text} }`,
    );
    const defined = variableNames.map((name) => `$${name}: Boolean = false`).join(', ');
    const used = `all: __typename @include(if: $a) @skip(if: $b) ... @include(if: $c) { __typename }`;
    const source = `subscription ($after: [Cursor!], ${defined}) {
      ${alias} ${fieldName}${args} { ${used} ${payload} }
    } ${fragments.join('\n')}`;
    return { source, variables: values };
  });
};
