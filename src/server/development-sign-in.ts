import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Role } from '../domain/entities.ts';
import { badInput, EdAgentError } from '../domain/errors.ts';
import { assertText } from '../domain/text.ts';
import { signDevelopmentToken } from './auth.ts';
import { readBody } from './body.ts';
import { toDevelopmentUserId } from './development-user.ts';
import { refuseMethod, refusePayload, sendJson } from './json-response.ts';

export interface DevelopmentSignInOptions {
  readonly secret: string;
  readonly issuer: string | null;
  readonly audience: string | null;
  /** The name or address that the server listens on. */
  readonly host: string;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Answers `POST /web/sign-in`: a token for whoever names himself. */
export type DevelopmentSignIn = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const tokenTtlMs = 24 * 60 * 60_000;
const maxBodyBytes = 4_096;
const maxNameLength = 60;
/** Control characters, and what ends a line or turns the direction of text. */
const unfitForNames = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

const toAddress = (text: string | undefined): URL | null =>
  text !== undefined && URL.canParse(text) ? new URL(text) : null;

/**
 * A page elsewhere may neither ask (its origin is another) nor make its own name lead here and ask then (a name that anybody
 * can give to this address is refused; an address or localhost is nobody's to give).
 */
const assertSameOrigin = ({ headers: { host, origin } }: IncomingMessage, ownHost: string): void => {
  const address = toAddress(`http://${host}`);
  const name = address?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const isOwn = isIP(name) !== 0 || /(?:^|\.)localhost$/.test(name) || name === ownHost.toLowerCase();
  if (!isOwn) {
    const message =
      'Open the page at localhost, at an IP address, or at the name in HOST to sign in with a name.';
    throw new EdAgentError('FORBIDDEN', message);
  }
  if (origin !== undefined && toAddress(origin)?.host !== address?.host) {
    throw new EdAgentError('FORBIDDEN', 'Only the page of this server may sign in with a name.');
  }
};

const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '');

const parseObject = (bytes: Buffer): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw badInput('body', 'is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badInput('body', 'must be an object with name and role.');
  }
  return { ...value };
};

const toName = (value: unknown): string => {
  if (typeof value !== 'string') throw badInput('name', 'must be a text.');
  const name = assertText(value.trim(), { field: 'name', min: 1, max: maxNameLength });
  if (unfitForNames.test(name)) throw badInput('name', 'must be one line without control characters.');
  return name;
};

const toRole = (value: unknown): Role => {
  if (value === 'LEARNER' || value === 'ADMIN') return value;
  throw badInput('role', 'must be LEARNER or ADMIN.');
};

export const createDevelopmentSignIn = (options: DevelopmentSignInOptions): DevelopmentSignIn => {
  const { secret, issuer, audience, host, now = Date.now } = options;

  const sign = async (name: string, role: Role): Promise<{ token: string; expiresAt: string }> => {
    const expiresAt = new Date(now() + tokenTtlMs).toISOString();
    const token = await signDevelopmentToken({
      secret,
      user: toDevelopmentUserId(name, role),
      name,
      role: role === 'ADMIN' ? 'admin' : 'learner',
      ttlMs: tokenTtlMs,
      issuer,
      audience,
    });
    return { token, expiresAt };
  };

  return async (request, response) => {
    if (request.method !== 'POST') return refuseMethod(response, ['POST']);
    assertSameOrigin(request, host);
    if (!isJson(request)) throw badInput('content-type', 'must be application/json.');
    const body = await readBody(request, maxBodyBytes);
    if (body.kind === 'broken') return;
    if (body.kind === 'too-large') return refusePayload(request, response, maxBodyBytes);
    const { name, role } = parseObject(body.bytes);
    sendJson(response, 200, await sign(toName(name), toRole(role)));
  };
};
