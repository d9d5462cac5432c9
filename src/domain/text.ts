import { badInput } from './errors.ts';

/** The first `characters` code points of a text. */
export const firstCharacters = (text: string, characters: number): string =>
  [...text.slice(0, characters * 2)].slice(0, characters).join('');

/** NUL and lone surrogates cannot be stored by PostgreSQL or sent as UTF-8. */
const unstorable = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** What is not is no id of anything: answer as for an unknown one. */
export const isStorable = (text: string): boolean => !unstorable.test(text);

/** @throws {EdAgentError} BAD_INPUT that names the field. */
export const assertStorable = (text: string, field: string): string => {
  if (!isStorable(text)) throw badInput(field, 'holds a NUL character or half of a surrogate pair.');
  return text;
};

export interface TextRule {
  /** The argument or input field, as the schema spells it. */
  readonly field: string;
  /** In UTF-16 code units. */
  readonly min: number;
  /** In UTF-16 code units. */
  readonly max: number;
}

/**
 * @returns the text as it was given.
 * @throws {EdAgentError} BAD_INPUT that names the field and the bound.
 */
export const assertText = (text: string, { field, min, max }: TextRule): string => {
  if (text.length < min || (min > 0 && text.trim() === '')) throw badInput(field, 'must not be empty.');
  if (text.length > max) {
    throw badInput(field, `too long: ${text.length} characters, at most ${max} are allowed.`);
  }
  return assertStorable(text, field);
};

/** Ids that clients make (`clientMessageId` and its kin): 1 to 64 characters. */
export const assertClientId = (id: string, field: string): string =>
  assertText(id, { field, min: 1, max: 64 });

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text can be an id made by this service. What is not, names nothing: answer as for an unknown one. */
export const isEntityId = (id: string): boolean => uuid.test(id);
